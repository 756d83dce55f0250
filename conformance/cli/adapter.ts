import type { Checked } from '../check.js';
import { check } from '../check.js';
import type { SubjectOptions } from './subject.js';
import { openSubject } from './subject.js';

/** `msgctx adapter check`: the words of the protocol, one by one, for who writes an adapter. */

/** Returns the exit status: 0 all is well, 1 something is not. */
export async function adapterCheckCommand(flags: SubjectOptions): Promise<number> {
  const subject = await openSubject(flags);
  try {
    const { name, version, role, profile, capabilities } = subject.claims;
    const words = [...capabilities].join(', ') || 'none';
    process.stdout.write(
      `${name} ${version}, role ${role}, profile ${profile}, capabilities: ${words}\n`,
    );
    const { checks, latencyUs } = await check(subject, () => performance.now() * 1000);
    const failed = checks.filter(({ verdict }) => verdict === 'fails');
    for (const line of shown(checks)) process.stdout.write(`${line}\n`);
    if (latencyUs !== undefined) {
      const { median, p95 } = latencyUs;
      process.stdout.write(
        `a call takes ${median.toFixed(0)} µs, one in twenty more than ${p95.toFixed(0)} µs\n`,
      );
    }
    const end =
      failed.length === 0 ? 'speaks the protocol; now: msgctx run' : `${failed.length} to mend`;
    process.stdout.write(`${end}\n`);
    return failed.length === 0 ? 0 : 1;
  } finally {
    await subject.close();
  }
}

/** Each word once: where it fails, why; else the best that became of it. */
function shown(checks: readonly Checked[]): readonly string[] {
  const lines = new Map<string, string>();
  for (const { what, verdict, why } of checks) {
    if (verdict === 'fails') lines.set(`${what} ${why}`, `FAILS  ${what}: ${why}`);
    else if (!lines.has(what)) {
      lines.set(
        what,
        `${verdict === 'ok' ? 'ok    ' : '-     '} ${what}${verdict === 'ok' ? '' : ': not claimed'}`,
      );
    }
  }
  return [...lines.values()];
}
