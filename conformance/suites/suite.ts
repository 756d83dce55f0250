import type fc from 'fast-check';
import type { Command, RequirementId, Step } from '../../model/index.js';
import type { DaemonCommand } from '../daemon/command.js';
import { capabilityOf } from '../sense.js';

/** What a suite is made of. */

/** How a case sets up a system; payload sizes and labels follow from what the adapter claims. */
export interface Setup {
  /** As near to this as the adapter allows. */
  readonly contexts: number;
  readonly users: number;
  readonly processes: number;
  readonly manualWake: boolean;
  /** Whether messages wait until a process reads; not by default. */
  readonly manualRead?: boolean;
  /**
   * Where time is real, time-outs are waited for; otherwise a case whose time passes needs virtual
   * time, or somebody patient. For few cases: each wait takes up to twice the time-out. One that says no
   * is about clocks that nobody can wait for.
   */
  readonly waits?: boolean;
  /** The one framing of raw bytes for which it is meant; any, unless said otherwise. */
  readonly framing?: 'netlink' | 'device';
  /** As near to this as the adapter allows; that of the Linux module by default. */
  readonly timeoutMs?: number;
}

/** A capability without which a conversation can be held in part: see fit.ts. */
export type Spared = 'manualWake' | 'exit';

interface CaseHead {
  /** Stable: the same case has the same id for ever. */
  readonly id: string;
  readonly setup: Setup;
  /** Capabilities without which the case cannot be held. */
  readonly needs: readonly string[];
  /** The rules that it is meant to exercise. */
  readonly requirements: readonly RequirementId[];
}

/** A case: one conversation, or many that are drawn at random; with a kernel, or with a daemon. */
export type Case =
  | (CaseHead & {
      readonly kind: 'script';
      readonly commands: readonly Command[];
      /** The capabilities without which it is held all the same, without their commands. */
      readonly spares?: readonly Spared[];
    })
  | (CaseHead & {
      readonly kind: 'random';
      readonly conversations: fc.Arbitrary<readonly Command[]>;
      /** Which part of a run's conversations it draws: long ones are fewer. */
      readonly share: number;
    })
  | (CaseHead & {
      readonly kind: 'daemon';
      readonly talk:
        | { readonly commands: readonly DaemonCommand[] }
        | {
            readonly conversations: fc.Arbitrary<readonly DaemonCommand[]>;
            readonly share: number;
          };
    });

/** The size that is asked of the suites that explore a system of a chosen size; theirs where it is not said. */
export interface Extent {
  readonly contexts?: number;
  readonly users?: number;
}

/** What of a case's id says that its suite has another size than usual: `3x1` for three contexts and one user. */
export function sizeOf({ contexts, users }: Required<Extent>): string {
  return `${contexts}x${users}`;
}

/** A named set of cases. */
export interface Suite {
  readonly name: string;
  readonly description: string;
  /** The role of the implementations that it is for; the kernel, if it does not say. */
  readonly plays?: 'daemon';
  /** What the ids of the cases begin with, one for each part that is derived by itself. */
  readonly prefixes: readonly string[];
  /**
   * Derives the cases; the same ones each time.
   *
   * @param within what the ids of the wanted cases begin with: parts that have none are left out
   */
  readonly cases: (within?: string) => readonly Case[];
  /** Derives more cases, one by one, for a run with a budget. */
  readonly deeper?: (within?: string) => Iterable<Case>;
}

/** The cases of a suite in parts, by what their ids begin with, so that one case derives only its own part. */
export type Parts = Readonly<Record<string, () => readonly Case[]>>;

/** A suite whose parts are derived once, when they are asked for. */
export function suiteOf({
  parts,
  ...head
}: Omit<Suite, 'cases' | 'prefixes'> & { readonly parts: Parts }): Suite {
  const derived = new Map<string, readonly Case[]>();
  const derive = ([prefix, make]: [string, () => readonly Case[]]) => {
    const cases = derived.get(prefix) ?? make();
    derived.set(prefix, cases);
    return cases;
  };
  return {
    ...head,
    prefixes: Object.keys(parts),
    cases: (within = '') =>
      Object.entries(parts)
        .filter(([prefix]) => overlaps(prefix, within))
        .flatMap(derive),
  };
}

/** Whether an id that begins with the one can begin with the other. */
export function overlaps(prefix: string, within: string): boolean {
  return prefix.startsWith(within) || within.startsWith(prefix);
}

/** The capabilities that a conversation needs. */
export function needsOf(commands: readonly Command[], setup: Setup): readonly string[] {
  const used = commands.flatMap((command) => capabilityOf[command.do] ?? []);
  const passes = commands.some((command) => command.do === 'advance');
  return [
    ...new Set([
      ...(passes && setup.waits !== true ? ['virtualTime'] : []),
      ...(setup.manualWake ? ['manualWake'] : []),
      ...(setup.manualRead === true ? ['manualRead'] : []),
      ...used,
    ]),
  ];
}

/** The requirements that steps of the model exercise. */
export function rulesOf(steps: readonly Step[]): readonly RequirementId[] {
  return [...new Set(steps.flatMap(({ vector }) => vector.requirements))];
}
