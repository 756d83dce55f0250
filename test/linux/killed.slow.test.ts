import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, describe, expect, it } from 'vitest';
import { imageOf } from '../../conformance/subjects/linux/image.js';
import { kernelDefault } from '../../conformance/subjects/linux/kernels.js';
import { gone } from '../gone.js';
import { lacksWhen } from '../needs.js';
import { transpiled } from '../transpiled.js';

/** What a runner leaves behind that had no time to end its machines. */

const isMissing = lacksWhen(() => {
  const image = imageOf(kernelDefault);
  if (typeof image === 'string') throw new Error(image);
});

describe.skipIf(isMissing)('a runner that is killed', () => {
  const programs = transpiled();
  afterAll(() => {
    programs.remove();
  });

  it('leaves no virtual machine behind', async () => {
    const program = `
      import { LinuxSubject } from '${programs.path('conformance/subjects/linux/subject.js')}';
      const subject = await LinuxSubject.start({ kernel: '${kernelDefault}', half: 'create' });
      process.stdout.write(String(subject.pids[0]));`;
    const runner = spawn(process.execPath, ['--input-type=module', '-e', program]);
    const said: unknown[] = await once(runner.stdout, 'data');
    const pid = Number(said[0]);
    expect(pid).toBeGreaterThan(1);
    expect(() => process.kill(pid, 0)).not.toThrow();
    runner.kill('SIGKILL');
    expect(await gone(pid)).toBe(true);
  });
});
