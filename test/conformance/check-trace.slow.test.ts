import { describe, expect, it } from 'vitest';
import { faults } from '../../conformance/mutants/faults.js';
import { findingOf, logOfFault, rightLogs } from './recorded.js';

/** Logs of every kind of conversation that the suites hold: the right ones, the wrong ones, those with holes. */

/** The same numbers every time. */
function chance(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

describe('a recorded conversation', () => {
  it('is explained where the implementation was right, probe and all', async () => {
    let logs = 0;
    for await (const { id, log } of rightLogs(2)) {
      logs += 1;
      expect(`${id} ${findingOf(log).verdict}`).toBe(`${id} explained`);
    }
    expect(logs).toBe(2186);
  });

  it('is not explained where a fault showed, and the same rules are named', async () => {
    const chosen = faults.filter(
      ({ equivalent }, nth) => equivalent === undefined && nth % 4 === 0,
    );
    for (const fault of chosen) {
      const { log, requirements } = await logOfFault(fault);
      const { verdict, trouble } = findingOf(log);
      expect(`${fault.id} ${verdict}`).toBe(`${fault.id} not explained`);
      expect(trouble?.requirements).toEqual(requirements);
    }
  });

  it('is explained too where answers or whole requests are missing', async () => {
    const random = chance();
    const verdicts = { explained: 0, 'not explained': 0, inconclusive: 0 };
    for await (const { log } of rightLogs(170)) {
      for (const lost of ['answers', 'requests', 'both']) {
        const lines = log.lines.flatMap((line) => {
          const isRequest = line.command.startsWith('request');
          if (lost !== 'answers' && isRequest && random() < 0.2) return [];
          return lost !== 'requests' && random() < 0.2 ? [{ command: line.command }] : [line];
        });
        verdicts[findingOf({ head: { ...log.head, complete: false }, lines }).verdict] += 1;
      }
    }
    // Where many are missing not every way is tried, and that is said.
    expect(verdicts).toEqual({ explained: 77, 'not explained': 0, inconclusive: 1 });
  });
});
