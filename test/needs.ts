import { spawnSync } from 'node:child_process';

/**
 * What a test needs beyond Node. A test whose need is not met is skipped and says why; where
 * `MSGCTX_NO_SKIP` is set, as in CI, it fails instead, so that nothing is skipped unseen.
 */
export function lacks(program: string, what: string, flag = '--version'): boolean {
  const found = spawnSync(program, [flag], { stdio: 'ignore' }).status === 0;
  if (found) return false;
  const reason = `${program} is not on this machine: ${what}`;
  if (process.env['MSGCTX_NO_SKIP'] !== undefined) throw new Error(reason);
  process.stderr.write(`skipped: ${reason}\n`);
  return true;
}

/** The same for what only trying tells: opens it, and says whether that failed and why. */
export function lacksWhen(open: () => void): boolean {
  try {
    open();
    return false;
  } catch (error) {
    if (process.env['MSGCTX_NO_SKIP'] !== undefined) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`skipped: ${reason}\n`);
    return true;
  }
}
