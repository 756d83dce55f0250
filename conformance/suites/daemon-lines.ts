import type { RequirementId } from '../../model/index.js';
import { needsOf, parseDaemonCommand } from '../daemon/command.js';
import type { Case } from './suite.js';

/** What the cases of suite `daemon` are written with: conversations as lines. */

/** The lines of a conversation. */
export type Lines = readonly string[];

/** The tags of requests. */
export const both = [64, 66] as const;

/** The tags of requests. */

/** Lines for each of them. */
export const bothTags = (line: (tag: number) => Lines): Lines => both.flatMap((tag) => line(tag));

/** Whole numbers, both ends included. */
export const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, nth) => from + nth);

/** A daemon's cases need no system of a size. */
export const setup = { contexts: 1, users: 1, processes: 1, manualWake: false } as const;

/** A case of lines. */
export function script(id: string, requirements: readonly RequirementId[], lines: Lines): Case {
  const commands = lines.map((line) => parseDaemonCommand(line));
  const needs = needsOf(commands);
  return { kind: 'daemon', id: `daemon/${id}`, setup, needs, requirements, talk: { commands } };
}

/** With its first key, and started. */
export const ready: Lines = ['key k1', 'start'];
