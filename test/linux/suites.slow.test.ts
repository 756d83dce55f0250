import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaseReport } from '../../conformance/index.js';
import { run, selectCases } from '../../conformance/index.js';
import { profiles } from '../../model/index.js';
import { imageOf } from '../../conformance/subjects/linux/image.js';
import { kernelDefault } from '../../conformance/subjects/linux/kernels.js';
import { LinuxSubject } from '../../conformance/subjects/linux/subject.js';
import { gone } from '../gone.js';
import { lacksWhen } from '../needs.js';

/** The real kernel in its virtual machine, held by a few cases of each kind. */

const isMissing = lacksWhen(() => {
  const image = imageOf(kernelDefault);
  if (typeof image === 'string') throw new Error(image);
});
const device6 = profiles['device-6'];
if (device6 === undefined) throw new Error('no profile device-6');

describe.skipIf(isMissing).each(['create', 'open'] as const)(
  'files that are made to %s',
  (half) => {
    let subject: LinuxSubject;
    beforeAll(async () => {
      subject = await LinuxSubject.start({ kernel: kernelDefault, half });
    });
    afterAll(async () => {
      const { pids } = subject;
      await subject.close();
      expect(await Promise.all(pids.map((pid) => gone(pid)))).toEqual([true]);
    });

    const hold = async (
      suite: string,
      filters: readonly string[],
    ): Promise<readonly CaseReport[]> => {
      const cases = selectCases(device6, [suite], filters);
      // What open(2) says of a request that is refused is EIO, whatever it was.
      const options = { profile: device6, strict: half === 'create', cases, seed: 1, runs: 1 };
      const { cases: held } = await run({ subject, ...options, bail: false });
      return held.filter(({ verdict }) => verdict !== 'unsupported');
    };

    it.each([
      ['paths', 'paths/machine', 17],
      ['rejections', 'rejections/pending/registered', 3],
      ['manual-read', 'manual-read/two-users', 1],
    ])('conform in %s', async (suite, filter, passing) => {
      const held = await hold(suite, [filter]);
      const failed = held.filter(({ verdict }) => verdict !== 'pass');
      expect(failed.map(({ id, why }) => `${id}: ${why}`)).toEqual([]);
      expect(held).toHaveLength(passing);
    });

    it('show how the kernel dies of a request that ends unread, and the machine is as new for the next case', async () => {
      const filters = ['manual-read/1x2/plain/002', 'manual-read/two-users'];
      const [dies, lives] = await hold('manual-read', filters).then((held) =>
        [...held].sort((a, b) => (a.id < b.id ? -1 : 1)),
      );
      expect([dies?.verdict, dies?.breach]).toEqual(['fail', 'death']);
      expect(dies?.why).toContain('kernel BUG at lib/list_debug.c');
      expect(dies?.trace.map(({ command }) => command)).toEqual([
        'helo u1.d1',
        'request r1 u1',
        'advance r1',
        'request r3 u1',
      ]);
      expect(lives?.verdict).toBe('pass');
    });
  },
);
