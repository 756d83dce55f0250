import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ReferenceSubject, UsageError } from '../../conformance/index.js';
import { describeConformance } from '../../conformance/vitest.js';

/** `msgctx/vitest`: the suites as tests. */

describeConformance('the reference implementation', () => new ReferenceSubject(), {
  strict: true,
  suites: ['time', 'resets'],
});

describe('tests of an implementation', () => {
  it('fail with the conversation and the rule, pass, and are skipped with a reason', () => {
    const args = ['run', '--reporter=verbose', '--dir', 'test/adapters', 'faulty-kernel.vitest.ts'];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', ...args, '--config', 'test/adapters/vitest.config.ts'],
      { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' }, timeout: 600_000 },
    );
    const said = stdout + stderr;
    expect(status).toBe(1);
    expect(said).toMatch(/✓ .*paths\/machine\.reply\.not-in-use\/plain/);
    expect(said).toMatch(/× .*paths\/machine\.reply\.wrong-sequence\/plain/);
    expect(said).toContain('reply u1.d1 r1 seq=r1-1 -> ok; r1 returns payload b0000001');
    expect(said).toContain('REP-7 (MUST) A reply whose sequence number is not');
    expect(said).toContain('the adapter lacks raw');
    expect(said).toMatch(/Tests +1 failed \| 1 passed \| \d+ skipped/);
  });

  it('are refused for what does not exist', () => {
    const declare = () => {
      describeConformance('nobody', () => new ReferenceSubject(), { suites: ['path'] });
    };
    expect(declare).toThrow(UsageError);
  });
});
