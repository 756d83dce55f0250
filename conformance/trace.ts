import type { Command, RequirementId } from '../model/index.js';
import { boundsMax, CommandError, isRequirementId, parseCommand } from '../model/index.js';
import type { DaemonCommand } from './daemon/command.js';
import { parseDaemonCommand } from './daemon/command.js';
import type { Settings } from './ledger.js';
import type { Report } from './report.js';
import type { Claims } from './subject.js';
import type { Members } from './members.js';
import { isMembers } from './members.js';
import { TraceError } from './usage.js';

/**
 * Trace files: conversations as JSON Lines in the words of the model.
 *
 * A line with `schema` begins a conversation and says how the system is set up and, in `failure`, how it
 * failed; each line with `command` is one command, with what was observed then. The steps of the probe are
 * not kept: every replay ends in a probe of its own.
 */

/** A conversation that was read. */
export interface Recorded {
  readonly case: string;
  readonly profile: string;
  readonly settings: Settings;
  readonly commands: readonly Command[];
  /** What was observed at each command, in words. */
  readonly observed: readonly (readonly string[])[];
  /** How it failed, where the file says so. */
  readonly failure?: RecordedFailure;
  /** The commands of a conversation with a daemon; `commands` is empty then. */
  readonly daemon?: readonly DaemonCommand[];
}

/** How a recorded conversation failed. */
export interface RecordedFailure {
  readonly why: string;
  readonly requirements: readonly RequirementId[];
  readonly allowed: readonly string[];
}

/** What the first line of each conversation names. */
export const traceSchema = 'msgctx-trace/1';

/** The failing conversations of a report, as the text of a trace file. */
export function printTraces({ cases, strict, profile, implementation }: Report): string {
  const { role, capabilities } = implementation;
  const lines = cases.flatMap(({ id, verdict, why, requirements, allowed, settings, trace }) => {
    if (verdict !== 'fail' || settings === undefined) return [];
    const failure = { why, requirements, allowed };
    const head = {
      schema: traceSchema,
      ...{ case: id, profile, strict, capabilities, ...(role === 'daemon' ? { role } : {}) },
      ...{ settings, failure, complete: true },
    };
    const steps = trace
      .filter(({ probe, command }, nth) => probe === undefined && !isSetUp(command, role, nth))
      .map(({ command, observed }) => ({ command, observed }));
    return [head, ...steps].map((line) => JSON.stringify(line));
  });
  return lines.map((line) => `${line}\n`).join('');
}

/** The first reset is no command of a kernel's conversation; a daemon's has it as a word. */
function isSetUp(command: string, role: Claims['role'], nth: number): boolean {
  return role === 'daemon' ? command === 'settle' : nth === 0 && command === 'reset';
}

/**
 * Reads the text of a trace file.
 *
 * @param file its name, for messages
 * @throws TraceError when it is empty or not a trace
 */
export function parseTraces(text: string, file: string): readonly Recorded[] {
  const traces: (Recorded & {
    readonly commands: Command[];
    readonly observed: (readonly string[])[];
    readonly daemon?: DaemonCommand[];
  })[] = [];
  text.split('\n').forEach((line, nth) => {
    if (line.trim() === '') return;
    const fail = (expected: string): never => {
      throw new TraceError(`${file}:${nth + 1}: expected ${expected}`);
    };
    const members = membersOf(line) ?? fail('one JSON object a line');
    const { schema: named, case: id, profile, role, settings, command } = members;
    const { observed, failure } = members;
    if (named !== undefined) {
      if (named !== traceSchema) fail(`"schema":"${traceSchema}"`);
      traces.push({
        case: typeof id === 'string' ? id : '',
        profile: typeof profile === 'string' ? profile : 'seed',
        settings: settingsIn(settings, fail),
        commands: [],
        observed: [],
        ...failureIn(failure),
        ...(role === 'daemon' ? { daemon: [] } : {}),
      });
      return;
    }
    const trace = traces.at(-1) ?? fail(`a first line with "schema":"${traceSchema}"`);
    if (trace.daemon === undefined) {
      trace.commands.push(readCommand(command, trace.settings, fail));
    } else {
      trace.daemon.push(readDaemonCommand(command, fail));
    }
    trace.observed.push(stringsIn(observed));
  });
  if (traces.length === 0) throw new TraceError(`${file}: expected a trace, found nothing`);
  return traces;
}

/** How it failed is for who reads it: a replay does without. */
function failureIn(value: unknown): Pick<Recorded, 'failure'> {
  if (typeof value !== 'object' || value === null) return {};
  const { why, requirements, allowed }: { [name in keyof RecordedFailure]?: unknown } = value;
  if (typeof why !== 'string') return {};
  const ids = stringsIn(requirements).filter(isRequirementId);
  return { failure: { why, requirements: ids, allowed: stringsIn(allowed) } };
}

function stringsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** The command of a line; `fail` says that something else was expected, and does not return. */
export function readCommand(
  line: unknown,
  { users, processes }: Settings,
  fail: (expected: string) => never,
): Command {
  if (typeof line !== 'string') return fail('"command" in words');
  try {
    const command = parseCommand(line);
    const user = 'by' in command ? command.by.user : 'user' in command ? command.user : 1;
    const process = 'by' in command ? command.by.process : 1;
    if (user < 1 || user > users) return fail(`users u1 to u${users} in "${line}"`);
    if (process < 1 || process > processes)
      return fail(`processes d1 to d${processes} in "${line}"`);
    return command;
  } catch (error) {
    if (error instanceof CommandError) return fail(`a command (${error.message})`);
    throw error;
  }
}

function readDaemonCommand(line: unknown, fail: (expected: string) => never): DaemonCommand {
  if (typeof line !== 'string') return fail('"command" in words');
  try {
    return parseDaemonCommand(line);
  } catch (error) {
    if (error instanceof CommandError) return fail(`a command for a daemon (${error.message})`);
    throw error;
  }
}

/** The members of a line that is one JSON object. */
export function membersOf(line: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isMembers(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const limits = {
  ...boundsMax,
  timeoutMs: 2 ** 31,
  payloadMax: 2 ** 20,
};

const foundMax = 40;
const times: readonly unknown[] = ['virtual', 'real', 'real, without waiting'];

/** The settings of a conversation; `fail` says what else was expected of which member, and does not return. */
export function settingsIn(value: unknown, fail: (expected: string) => never): Settings {
  if (typeof value !== 'object' || value === null) {
    return fail(`"settings" of ${[...Object.keys(limits), 'manualWake', 'wideLabels'].join(', ')}`);
  }
  // Each member is looked at below.
  const members = value as Record<string, unknown>;
  const refuse = (name: string, expected: string): never => {
    const found = name in members ? JSON.stringify(members[name]).slice(0, foundMax) : 'none';
    return fail(`"settings" with ${name} ${expected}, found ${found}`);
  };
  for (const [name, max] of Object.entries(limits)) {
    const number = members[name];
    const min = name === 'payloadMax' ? 0 : 1;
    const isWhole = typeof number === 'number' && Number.isInteger(number);
    if (!isWhole || number < min || number > max) refuse(name, `from ${min} to ${max}`);
  }
  const { manualRead = false, time = 'virtual', wire } = members;
  if (!times.includes(time)) refuse('time', `one of ${JSON.stringify(times)}`);
  if (!isWire(wire)) refuse('wire', 'of framing netlink or device, endian little or big');
  for (const name of ['manualWake', 'wideLabels']) {
    if (typeof members[name] !== 'boolean') refuse(name, 'true or false');
  }
  if (typeof manualRead !== 'boolean') refuse('manualRead', 'true or false');
  // Every member was looked at.
  return {
    ...(value as Settings),
    manualRead: manualRead === true,
    time: time as Settings['time'],
  };
}

/** Absent, or how raw bytes are framed. */
function isWire(value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value !== 'object' || value === null) return false;
  const { framing, endian }: { framing?: unknown; endian?: unknown } = value;
  const isFramed = framing === 'netlink' || framing === 'device';
  return isFramed && (endian === 'little' || endian === 'big');
}
