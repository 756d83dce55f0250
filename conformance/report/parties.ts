import type { TraceStep } from '../converse.js';
import type { CaseReport } from '../report.js';
import { excerptOf } from './conversation.js';
import type { Row, Sequence } from './sequence.js';

/**
 * Who says what to whom in a recorded conversation.
 *
 * With a kernel: the processes that ask on the left, one lane a user; the kernel; the processes of daemons on
 * the right. With a daemon: the suite, which plays the kernel, and the daemon.
 */

/** The conversation of a case, with what was allowed at the step that failed. */
export function sequenceOf(
  one: Pick<CaseReport, 'id' | 'trace' | 'why' | 'allowed'>,
  role: 'kernel' | 'daemon',
): Sequence {
  const { beginning, left, end } = excerptOf(one.trace);
  const shown = [...beginning, ...end];
  const talk = role === 'kernel' ? kernelTalk(one.trace) : daemonTalk;
  const wrongAt = one.allowed.length === 0 && one.why === '' ? undefined : one.trace.at(-1);
  const probeAt = shown.findIndex(({ probe }) => probe === true);
  const rows = shown.flatMap((step, nth): Row[] => [
    ...(left > 0 && nth === beginning.length ? [divider(`${left} steps are left out`)] : []),
    ...(nth === probeAt ? [divider('closing probe')] : []),
    ...talk.rowsOf(step).map((row): Row => (step === wrongAt ? { ...row, isWrong: true } : row)),
  ]);
  const allowed = one.allowed.map((words) => divider(`allowed: ${words}`));
  return { title: `The conversation of ${one.id}`, lanes: talk.lanes, rows: [...rows, ...allowed] };
}

interface Talk {
  readonly lanes: readonly string[];
  rowsOf(step: TraceStep): readonly Row[];
}

function divider(label: string): Row {
  return { kind: 'divider', label };
}

const daemonTalk: Talk = {
  lanes: ['kernel (the suite)', 'daemon'],
  rowsOf: ({ command, observed }) => [
    { kind: 'call', from: 0, to: 1, label: command },
    ...observed.map((label): Row => ({ kind: 'answer', from: 1, to: 0, label })),
  ],
};

/** The name of a daemon's process. */
const processName = /\bu\d+\.d\d+\b/;

function kernelTalk(trace: readonly TraceStep[]): Talk {
  const askers = new Map<string, string>();
  const processes = new Set<string>();
  for (const { command, observed } of trace) {
    const [, request, user] = /\brequest (r\d+) (u\d+)/.exec(command) ?? [];
    if (request !== undefined && user !== undefined) askers.set(request, user);
    for (const text of [command, ...observed]) {
      const [named] = processName.exec(text) ?? [];
      if (named !== undefined) processes.add(named);
    }
  }
  const asking = [...new Set(askers.values())].sort();
  const lanes = [...asking.map((user) => `${user} asks`), 'kernel', ...[...processes].sort()];
  const kernel = asking.length;
  const laneOf = (text: string): number | undefined => {
    const [named] = processName.exec(text) ?? [];
    const [request = ''] = /\br\d+\b/.exec(text) ?? [];
    const lane =
      named === undefined
        ? lanes.indexOf(`${askers.get(request) ?? ''} asks`)
        : lanes.indexOf(named);
    return lane < 0 ? undefined : lane;
  };
  return { lanes, rowsOf: (step) => rowsOf(step, kernel, laneOf) };
}

/** Commands that their party does not send to the kernel: it happens to it, or to all. */
const happens = /^(?:& )?(?:advance|pass|settle|reset|inspect|fail-send|interrupt|wake|exit)\b/;

function rowsOf(
  { command, observed }: TraceStep,
  kernel: number,
  laneOf: (text: string) => number | undefined,
): readonly Row[] {
  const from = laneOf(command);
  const isSent = from !== undefined && !happens.test(command);
  const first: Row = isSent
    ? { kind: 'call', from, to: kernel, label: command }
    : { kind: 'note', label: command, ...(from === undefined ? {} : { at: from }) };
  const rest = observed.flatMap((label): Row[] => {
    if (label === 'ok' && (!isSent || /^(?:& )?request\b/.test(command))) return [];
    const message = /\bmessage to \S+|\br\d+ returns\b/.test(label);
    const to = message ? laneOf(label) : from;
    if (to === undefined) return [{ kind: 'note', at: kernel, label }];
    return [{ kind: message ? 'call' : 'answer', from: kernel, to, label }];
  });
  return [first, ...rest];
}
