import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isRequirementId, requirements, run, seed, selectCases } from '../../conformance/index.js';
import { faults } from '../../conformance/mutants/faults.js';
import { MutantSubject } from '../../conformance/mutants/subject.js';
import { variants } from '../../conformance/mutants/variants.js';
import { captured } from '../captured.js';

/** The kernel that is there to be broken, and the catalogue of what can be wrong with it. */

const folder = fileURLToPath(new URL('../../conformance/mutants/', import.meta.url));
const source = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && name !== 'faults.ts')
  .map((name) => readFileSync(`${folder}${name}`, 'utf8'))
  .join('\n');

const said = captured();

async function msgctx(...argv: string[]): Promise<{ status: number; out: string; err: string }> {
  const status = await said.msgctx(...argv);
  return { status, out: said.out, err: said.err };
}

describe('the kernel of the mutants', () => {
  it('passes every path when no fault is switched on, errnos included', async () => {
    const subject = new MutantSubject();
    const cases = selectCases(seed, ['paths'], []);
    const options = { profile: seed, strict: true, cases, seed: 1, runs: 1, bail: false };
    const report = await run({ subject, ...options });
    const wrong = report.cases.filter(({ verdict }) => verdict !== 'pass');
    expect(wrong.map(({ id, why }) => `${id}: ${why}`)).toEqual([]);
  });
});

describe('the catalogue of faults', () => {
  it('has many, in every group', () => {
    expect(faults.length).toBe(332);
    expect(new Set(faults.map(({ group }) => group)).size).toBe(19);
    expect(variants.length).toBe(62);
  });

  it('gives every fault and every variant an id of its own and a text of its own', () => {
    const all = [...faults, ...variants];
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(new Set(all.map(({ text }) => text)).size).toBe(all.length);
  });

  it('names a rule of the profile, and of the errnos only where strictness is needed', () => {
    for (const { id, requirement, strict, profile } of faults) {
      expect(isRequirementId(requirement), id).toBe(true);
      const rule = requirements.find((one) => one.id === requirement);
      expect(rule?.profiles, id).toContain(profile);
      expect(requirement === 'REP-11', id).toBe(strict);
    }
  });

  it('lists what the kernel consults, and nothing else', () => {
    const listed = new Set<string>(faults.map(({ id }) => id));
    const consulted = [...source.matchAll(/[^.\w]has\(\s*'([^']*)'/g)].map(([, id = '']) => id);
    expect(consulted.filter((id) => !listed.has(id))).toEqual([]);
    const idle = [...listed].filter((id) => !source.includes(`'${id}'`));
    expect(idle).toEqual([]);
  });
});

describe('msgctx mutants', () => {
  it('prints a line for each and a summary', async () => {
    const some = ['leaks-on-timeout', 'bare'].flatMap((id) => ['--only', id]);
    const { status, out } = await msgctx('mutants', ...some, '--runs', '1');
    const lines = out
      .trimEnd()
      .replace(/\d+(\.\d)? s\b/g, 'S s')
      .split('\n');
    expect(lines.map((line) => line.replace(/ +/g, ' '))).toEqual([
      'lifecycle leaks-on-timeout killed by paths in 0+16 steps, S s: CTX-6',
      expect.stringMatching(/^variant bare pass: \d+ cases, \d+ unsupported, strict, S s$/),
      '1 faults: 1 killed (1 by their own rule), 0 survived, 0 equivalent; 1 variants: 1 pass, 0 accused; slowest kill S s, S s in all',
    ]);
    expect(status).toBe(0);
  });

  it('gives the table as JSON', async () => {
    const { out } = await msgctx('mutants', '--json', '--only', 'sends-twice', '--runs', '1');
    expect(JSON.parse(out)).toMatchObject({
      schema: 'msgctx-mutants/1',
      faults: [
        {
          id: 'sends-twice',
          group: 'delivery',
          requirement: 'REQ-2',
          verdict: 'killed',
          suite: 'paths',
          requirements: ['REQ-2'],
          named: true,
        },
      ],
      variants: [],
    });
  });

  it('refuses a name that does not exist, and says which are near', async () => {
    const { status, err } = await msgctx('mutants', '--only', 'leaks-on-timeuot');
    expect(status).toBe(2);
    expect(err).toContain('leaks-on-timeout');
  });
});
