import { describe, expect, it } from 'vitest';
import { converse, ReferenceSubject, seed } from '../../conformance/index.js';
import type { Command, Subject } from '../../conformance/index.js';
import { AdapterBroke } from '../../conformance/index.js';
import { settingsOf } from '../../conformance/settings.js';
import { selectCases } from '../../conformance/select.js';

/** Conversations that have failed, and are carried on to see whether the implementation lives. */

const d1 = { user: 1, process: 1 };
const own = { of: 1, plus: 0 };
const commands: readonly Command[] = [
  { do: 'helo', by: d1 },
  { do: 'request', request: 1, user: 1 },
  { do: 'reply', by: d1, index: own, sequence: own },
];

/** One that refuses the first daemon, though it takes it, and may die of a reply. */
function refusing(replies: 'fatal' | 'harmless'): Subject {
  const inner = new ReferenceSubject();
  let refuses = true;
  return {
    claims: inner.claims,
    call: async (call) => {
      if (call.method === 'reply' && replies === 'fatal') {
        throw new AdapterBroke('death', 'the kernel fell over', 'a reply');
      }
      const answer = await inner.call(call);
      if (call.method !== 'helo' || !refuses) return answer;
      refuses = false;
      return { events: [], error: { code: 'ERRNO', errno: 'ENOMEM' } };
    },
    close: () => inner.close(),
  };
}

function hold(subject: Subject, through: boolean) {
  const one = selectCases(seed, ['paths'], []).find(({ setup }) => !setup.manualWake);
  if (one === undefined) throw new Error('no case');
  const settings = settingsOf(one, subject);
  const terms = { profile: seed, strict: false, capabilities: subject.claims.capabilities, slackMs: 0 }; // prettier-ignore
  return converse({ subject, settings, terms, continueOnFailure: through }, commands);
}

describe('a conversation that has failed', () => {
  it('ends there', async () => {
    const { failure, trace } = await hold(refusing('fatal'), false);
    expect([failure?.requirements[0], failure?.breach]).toEqual(['REG-1', undefined]);
    expect(trace.map(({ command }) => command)).toEqual(['helo u1.d1']);
  });

  it('is carried on where that is wanted, and a death counts for more', async () => {
    const { failure, trace, commands: done } = await hold(refusing('fatal'), true);
    expect([failure?.breach, failure?.way]).toEqual(['death', 'a reply']);
    expect(trace.map(({ command }) => command)).toEqual([
      'helo u1.d1',
      'request r1 u1',
      'reply u1.d1 r1',
    ]);
    expect(done).toEqual(commands);
  });

  it('that is lived through fails for what was wrong', async () => {
    const { failure, trace } = await hold(refusing('harmless'), true);
    expect([failure?.requirements[0], failure?.breach]).toEqual(['REG-1', undefined]);
    // The reply finds the numbers of a message that nobody judged.
    expect(trace[2]?.observed.join('; ')).toMatch(/^ok; r1 returns payload/);
    expect(trace.slice(3).map(({ command }) => command)).toEqual(['pass 3000', 'request r2 u1', 'request r3 u2']); // prettier-ignore
  });
});
