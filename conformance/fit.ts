import type { Subject } from './subject.js';
import type { Case, Spared } from './suites/suite.js';
import { needsOf } from './suites/suite.js';

/**
 * Cases as far as an adapter can be asked.
 *
 * Where a conversation is one of many that together go everywhere, a word that the adapter does not
 * have is left out of it: sleepers that cannot be held look at once, processes that cannot die live on.
 * What is left is a conversation still, and the oracle judges it as such. Where that word is the point
 * of the case, the case is unsupported, and so is one that differs from another in such words alone.
 *
 * Where time is real, who is patient waits for the time-outs of every case that does not ask for the millisecond;
 * where that takes no time everybody is.
 */

/** The command that a capability is for. */
const words: Readonly<Record<Spared, string>> = { manualWake: 'wake', exit: 'exit' };

/** Whether time-outs are waited for where time is real. */
export type Patience = 'patient' | 'brief';

/** The cases, each as far as it can be held. */
export function fitted<C extends Case>(
  cases: readonly C[],
  { claims: { capabilities }, clock }: Pick<Subject, 'claims' | 'clock'>,
  patience: Patience = 'brief',
): readonly C[] {
  const seen = new Set<string>();
  const isPatient = patience === 'patient' || clock !== undefined;
  const waits = isPatient && !capabilities.has('virtualTime');
  return cases.map((given) => {
    const one = waits ? waiting(given) : given;
    if (one.kind !== 'script') return one;
    const lacking = (one.spares ?? []).filter((word) => !capabilities.has(word));
    if (lacking.length === 0) return one;
    const left = lacking.map((word) => words[word]);
    const commands = one.commands.filter((command) => !left.includes(command.do));
    const setup = {
      ...one.setup,
      manualWake: one.setup.manualWake && capabilities.has('manualWake'),
    };
    const key = JSON.stringify([setup, commands]);
    if (seen.has(key)) return one;
    seen.add(key);
    return { ...one, setup, commands, needs: needsOf(commands, setup) };
  });
}

/** A case whose time-outs are waited for, if it is one in which time passes. */
function waiting<C extends Case>(one: C): C {
  if (one.kind === 'daemon' || one.setup.waits !== undefined) return one;
  const needs = one.needs.filter((word) => word !== 'virtualTime');
  const passes = one.kind === 'random' || needs.length < one.needs.length;
  return passes ? { ...one, needs, setup: { ...one.setup, waits: true } } : one;
}
