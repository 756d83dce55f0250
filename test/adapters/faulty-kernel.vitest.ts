import { describeConformance } from '../../conformance/vitest.js';
import { ProcessSubject } from '../../conformance/index.js';

/** A test file as a user writes one, about an implementation that is wrong; run by vitest.test.ts. */

describeConformance(
  'a kernel that skips the check of numbers',
  () =>
    ProcessSubject.start({
      command: process.execPath,
      args: ['examples/javascript/kernel.mjs', '--fault', 'skips-sequence-check'],
      suite: 'test',
      deadlineMs: 60_000,
    }),
  {
    filters: [
      'paths/machine.reply.wrong-sequence/plain',
      'paths/machine.reply.not-in-use/plain',
      'wire/short',
    ],
  },
);
