import { readFileSync } from 'node:fs';
import type { Command } from '../model/index.js';
import { CommandError, parseCommand } from '../model/index.js';
import type { Settings } from './ledger.js';
import type { Report } from './report.js';
import { settingsOf } from './run.js';
import type { Subject } from './subject.js';
import type { Case } from './suites/suite.js';

/**
 * Trace files: conversations as JSON Lines in the words of the model.
 *
 * A line with `schema` begins a conversation and says how the system is set up; each line with
 * `command` is one command, with what was observed then. The steps of the probe are not kept: every
 * replay ends in a probe of its own.
 */

/** A conversation that was read. */
export interface Recorded {
  readonly case: string;
  readonly profile: string;
  readonly settings: Settings;
  readonly commands: readonly Command[];
}

const schema = 'msgctx-trace/1';
const fileMaxBytes = 64 << 20;

/** A trace file that cannot be used; the message names file, line and what was expected. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
}

/** The failing conversations of a report, as the text of a trace file. */
export function printTraces(report: Report, cases: readonly Case[], subject: Subject): string {
  const lines = report.cases.flatMap((one) => {
    const setup = cases.find(({ id }) => id === one.id)?.setup;
    if (one.verdict !== 'fail' || setup === undefined) return [];
    const settings = settingsOf(setup, subject);
    const head = { schema, case: one.id, profile: report.profile, settings };
    const steps = one.trace
      .filter((step) => step.probe === undefined && step.command !== 'reset')
      .map(({ command, observed }) => ({ command, observed }));
    return [head, ...steps].map((line) => JSON.stringify(line));
  });
  return lines.map((line) => `${line}\n`).join('');
}

/**
 * Reads a trace file.
 *
 * @throws TraceError when it is missing, empty, too large or not a trace
 */
export function readTraces(file: string): readonly Recorded[] {
  const traces: { -readonly [K in keyof Recorded]: Recorded[K] }[] = [];
  textOf(file)
    .split('\n')
    .forEach((line, nth) => {
      if (line.trim() === '') return;
      const fail = (expected: string): never => {
        throw new TraceError(`${file}:${nth + 1}: expected ${expected}`);
      };
      const members = membersOf(line) ?? fail('one JSON object a line');
      if ('schema' in members) {
        if (members['schema'] !== schema) fail(`"schema":"${schema}"`);
        traces.push({
          case: typeof members['case'] === 'string' ? members['case'] : '',
          profile: typeof members['profile'] === 'string' ? members['profile'] : 'seed',
          settings:
            settingsIn(members['settings']) ??
            fail(
              '"settings" with contexts, users, processes, timeoutMs, manualWake and payloadMax',
            ),
          commands: [],
        });
        return;
      }
      const trace = traces.at(-1) ?? fail(`a first line with "schema":"${schema}"`);
      const { command } = members;
      try {
        if (typeof command !== 'string') throw new CommandError('"command" in words');
        trace.commands = [...trace.commands, parseCommand(command)];
      } catch (error) {
        if (error instanceof CommandError) fail(`a command (${error.message})`);
        throw error;
      }
    });
  if (traces.length === 0) throw new TraceError(`${file}: expected a trace, found nothing`);
  return traces;
}

function textOf(file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TraceError(`${file}: cannot be read (${reason})`);
  }
  if (bytes.length > fileMaxBytes) {
    throw new TraceError(`${file}: ${bytes.length} bytes are more than ${fileMaxBytes}`);
  }
  return bytes.toString('utf8');
}

function membersOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    // An object of JSON has string keys.
    return value as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function settingsIn(value: unknown): Settings | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  // Each member is looked at below.
  const members = value as Record<string, unknown>;
  const count = (name: string) => {
    const number = members[name];
    return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0
      ? number
      : undefined;
  };
  const [contexts, users, processes, timeoutMs, payloadMax] = [
    count('contexts'), count('users'), count('processes'), count('timeoutMs'), count('payloadMax'),
  ]; // prettier-ignore
  const { manualWake } = members;
  if (contexts === undefined || users === undefined || processes === undefined) return undefined;
  if (timeoutMs === undefined || payloadMax === undefined || typeof manualWake !== 'boolean') {
    return undefined;
  }
  return { contexts, users, processes, timeoutMs, payloadMax, manualWake };
}
