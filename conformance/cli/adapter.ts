import type { Checked } from '../check.js';
import { check } from '../check.js';
import { counted } from '../counted.js';
import type { Subject } from '../subject.js';
import { AdapterBroke } from '../subject.js';
import type { SubjectOptions } from './subject.js';
import { openSubject } from './subject.js';

/** `msgctx adapter check`: tries every call of the adapter protocol, for adapter authors. */

/** Returns the exit status: 0 all is well, 1 something is not. */
export async function adapterCheckCommand(flags: SubjectOptions): Promise<number> {
  const subject = await openSubject(flags);
  try {
    const { name, version, role, profile, capabilities } = subject.claims;
    const words = [...capabilities].join(', ') || 'none';
    process.stdout.write(
      `${name} ${version}, role ${role}, profile ${profile}, capabilities: ${words}\n`,
    );
    const { checks: calls, latencyUs } = await check(subject, () => performance.now() * 1000);
    const checks = [...calls, ...encoding(subject), ...(await ending(subject, calls))];
    const failed = checks.filter(({ verdict }) => verdict === 'fails');
    for (const line of shown(checks)) process.stdout.write(`${line}\n`);
    if (latencyUs !== undefined) {
      const { median, p95 } = latencyUs;
      process.stdout.write(
        `a call takes ${median.toFixed(0)} µs; 1 in 20 takes more than ${p95.toFixed(0)} µs\n`,
      );
    }
    const end =
      failed.length === 0
        ? 'speaks the protocol; next: msgctx run'
        : `${counted(failed.length, 'check')} failed; fix the first, then check again`;
    process.stdout.write(`${end}\n`);
    return failed.length === 0 ? 0 : 1;
  } finally {
    await subject.close();
  }
}

/** Whether all its lines were UTF-8, where it is a process. */
function encoding(subject: Subject): readonly Checked[] {
  if (!('isUtf8' in subject) || subject.isUtf8 === true) return [];
  const why = 'wrote a line that is not UTF-8; expected JSON in UTF-8';
  return [{ what: 'encoding', verdict: 'fails', why }];
}

/** How it ends after `shutdown`. One that broke before is ended by force. */
async function ending(subject: Subject, calls: readonly Checked[]): Promise<readonly Checked[]> {
  const hasBroken = calls.at(-1)?.verdict === 'fails';
  try {
    await subject.close();
    return hasBroken ? [] : [{ what: 'shutdown', verdict: 'ok', why: '' }];
  } catch (error) {
    if (!(error instanceof AdapterBroke)) throw error;
    return [{ what: 'shutdown', verdict: 'fails', why: error.message }];
  }
}

/** One line per call: where it fails, why; else the best that became of it. */
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
