import { afterAll, describe, expect, it, vi } from 'vitest';
import type { Command, RequirementId } from '../../conformance/index.js';
import { converse, parseCommand, requirementsOf, seed } from '../../conformance/index.js';
import type { FaultId } from '../../conformance/mutants/faults.js';
import { faults } from '../../conformance/mutants/faults.js';
import { MutantSubject } from '../../conformance/mutants/subject.js';
import { tryFault } from '../../conformance/mutants/table.js';

/** Every fault is found. */

// One that survives is held to every case of every suite.
vi.setConfig({ testTimeout: 300_000 });

const options = { clock: () => performance.now() / 1000, seed: 1, runs: 100 };

/** The faults that no suite finds yet, each with the shortest conversation that shows it. */
const awaited: Readonly<Partial<Record<FaultId, () => string[]>>> = {};

/** Why a rule has no fault. */
const unbroken: Readonly<Partial<Record<RequirementId, string>>> = {};

const table: string[] = [];
afterAll(() => {
  process.stdout.write(`${table.join('\n')}\n`);
});

describe('a fault', () => {
  it.each(faults.map((fault) => [fault.id, fault] as const))('%s', async (id, fault) => {
    const { verdict, suite, steps, probeSteps, seconds } = await tryFault(fault, options);
    const survives = fault.equivalent === undefined ? 'survived' : 'equivalent';
    const isAwaited = fault.equivalent !== undefined || Object.hasOwn(awaited, id);
    if (verdict === 'killed')
      table.push(`${id}: ${suite ?? ''}, ${steps}+${probeSteps} steps, ${seconds.toFixed(1)} s`);
    expect(verdict).toBe(isAwaited ? survives : 'killed');
  });

  it.each(Object.entries(awaited))('%s shows in a conversation', async (id, lines) => {
    const fault = faults.find((one) => one.id === id);
    expect(fault).toBeDefined();
    const commands = lines().map((line) => parseCommand(line));
    // Nothing but the last command shows it, and without the fault nothing does.
    const broken = fault === undefined ? {} : { fault: fault.id };
    const held = await hold(new MutantSubject(broken), commands);
    expect([held.verdict, held.failure?.inProbe, held.commands.length]).toEqual([
      'fail',
      false,
      commands.length,
    ]);
    expect((await hold(new MutantSubject(), commands)).verdict).toBe('pass');
  });
});

function hold(subject: MutantSubject, commands: readonly Command[]) {
  const settings = {
    contexts: 1,
    users: 1,
    processes: 1,
    timeoutMs: 3000,
    manualWake: false,
    manualRead: false,
    time: 'virtual' as const,
    payloadMax: 4,
    wideLabels: false,
  };
  const { capabilities } = subject.claims;
  return converse(
    { subject, settings, terms: { profile: seed, strict: true, capabilities, slackMs: 250 } },
    commands,
  );
}

describe('the rules', () => {
  it('are each broken by a fault, or it is said why not', () => {
    const broken = new Set(faults.map(({ requirement }) => requirement));
    const unharmed = requirementsOf('seed')
      .filter(({ id, level }) => level === 'MUST' && !broken.has(id))
      .map(({ id }) => id);
    expect(unharmed).toEqual(Object.keys(unbroken));
  });
});
