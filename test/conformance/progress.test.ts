import { describe, expect, it } from 'vitest';
import { Progress } from '../../conformance/cli/progress.js';

/** The line on a terminal that says how far a run has come. */

function lineOf(environment: NodeJS.ProcessEnv = {}, isTTY = true) {
  let [text, nowMs] = ['', 0];
  const screen = {
    isTTY,
    columns: 50,
    write: (part: string) => {
      text += part;
    },
  };
  return {
    progress: new Progress(screen, environment, () => nowMs),
    pass: (ms: number) => (nowMs += ms),
    shown: () => text.split('\r').at(-1)?.trimEnd(),
    all: () => text,
  };
}

describe('the progress line', () => {
  it('has phase, cases, failures and, once it can be told, the time left', () => {
    const { progress, pass, shown } = lineOf();
    progress.phase('deriving the cases of suite paths (1 of 12)');
    expect(shown()).toBe('deriving the cases of suite paths (1 of 12)');
    pass(500);
    progress.cases({ done: 10, all: 100, failed: 2 });
    expect(shown()).toBe('running: 10 of 100 cases, 2 failed');
    pass(9500);
    progress.cases({ done: 50, all: 100, failed: 2 });
    expect(shown()).toBe('running: 50 of 100 cases, 2 failed, about 10 s le');
  });

  it('is written ten times a second at most, and is gone at the end', () => {
    const { progress, pass, shown, all } = lineOf();
    pass(1000);
    for (let done = 1; done <= 1000; done += 1) progress.cases({ done, all: 1000, failed: 0 });
    expect(all().split('running').length).toBe(2);
    progress.end();
    expect(shown()).toBe('');
  });

  it.each([
    ['where there is no terminal', {}, false],
    ['in a CI job', { CI: 'true' }, true],
  ])('is not written %s', (_, environment, isTTY) => {
    const { progress, all } = lineOf(environment, isTTY);
    progress.phase('starting');
    progress.cases({ done: 1, all: 2, failed: 0 });
    progress.end();
    expect(all()).toBe('');
  });
});
