import { describe, expect, it } from 'vitest';
import { converse, ReferenceSubject, seed, selectCases } from '../../conformance/index.js';
import { settingsOf } from '../../conformance/settings.js';

/** What the cases of suite `manual-read` are named after happens in them. */

describe('an event while messages wait', () => {
  const cases = selectCases(seed, ['manual-read'], ['manual-read/event']);

  it('is left out of no case, for want of room in a queue or otherwise', async () => {
    const subject = new ReferenceSubject();
    const { capabilities } = subject.claims;
    const terms = { profile: seed, strict: true, capabilities, slackMs: 250 };
    const left: string[] = [];
    for (const one of cases) {
      if (one.kind !== 'script') continue;
      const occasion = { subject, settings: settingsOf(one, subject), terms };
      const { commands } = await converse(occasion, one.commands);
      const count = (all: typeof one.commands, word: string) =>
        all.filter((command) => command.do === word).length;
      for (const word of ['helo', 'quit', 'exit', 'request', 'interrupt', 'fail-send', 'settle']) {
        if (count(commands, word) !== count(one.commands, word)) left.push(`${one.id}: ${word}`);
      }
    }
    expect(left).toEqual([]);
  });
});
