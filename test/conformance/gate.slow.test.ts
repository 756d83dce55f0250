import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { captured } from '../captured.js';

/** What a CI job gates on: known deviations, parts of a run, and reports put together. */

const folder = mkdtempSync(join(tmpdir(), 'msgctx-gate-'));
const file = (name: string) => join(folder, name);
const adapter = ['--', process.execPath, 'examples/javascript/kernel.mjs'];
const faulty = [...adapter, '--fault', 'skips-sequence-check'];
const few = ['--filter', 'paths/machine.reply'];
const said = captured();
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Document {
  readonly verdict: string;
  readonly totals: Readonly<Record<string, number>>;
  readonly coverage: unknown;
  readonly cases: readonly {
    readonly id: string;
    readonly verdict: string;
    readonly why: string;
  }[];
}

/** Runs with --json and gives the document. */
async function report(...argv: string[]): Promise<Document> {
  const dashes = argv.indexOf('--');
  const [words, rest] = dashes === -1 ? [argv, []] : [argv.slice(0, dashes), argv.slice(dashes)];
  await said.msgctx(...words, '--json', ...rest);
  return JSON.parse(said.out) as Document;
}

function listed(deviations: readonly object[], name = 'known.json'): string {
  writeFileSync(file(name), JSON.stringify({ schema: 'msgctx-known/1', deviations }));
  return file(name);
}

describe('a list of known deviations', () => {
  it('is made from what fails, and then lets it pass as known', async () => {
    const known = file('made.json');
    expect(await said.msgctx('run', ...few, '--known', known, '--update-known', ...faulty)).toBe(1);
    const text = readFileSync(known, 'utf8');
    const ids = (JSON.parse(text) as { deviations: { id: string }[] }).deviations.map(
      ({ id }) => id,
    );
    expect(ids).toEqual(['REP-7']);
    const again = await report('run', ...few, '--known', known, ...faulty);
    expect([again.verdict, again.totals['fail'], again.totals['known']]).toEqual(['pass', 0, 2]);
    // Reasons are kept, and nothing changes where nothing has.
    writeFileSync(known, text.replace('not explained yet', 'we know'));
    expect(await said.msgctx('run', ...few, '--known', known, '--update-known', ...faulty)).toBe(0);
    expect(readFileSync(known, 'utf8')).toContain('we know');
  });

  it('fails when what it lists passes', async () => {
    const [id] = (await report('run', ...few, ...adapter)).cases.map((one) => one.id);
    const known = listed([{ id, reason: 'once', fails: ['REP-7'] }]);
    const held = await report('run', ...few, '--known', known, ...adapter);
    expect([held.verdict, held.totals['unexpectedPass']]).toEqual(['fail', 1]);
    expect(held.cases.find((one) => one.id === id)?.why).toBe(
      `${id ?? ''} is listed as a known deviation (once), but passes: remove the entry`,
    );
  });

  it('fails for another reason than the one that is listed', async () => {
    const found = await report('run', ...few, ...faulty);
    const failed = found.cases.find(({ verdict }) => verdict === 'fail');
    const known = listed([{ id: failed?.id, reason: 'once', fails: ['CTX-6'] }]);
    const held = await report('run', '--filter', failed?.id ?? '', '--known', known, ...faulty);
    expect(held.cases[0]?.verdict).toBe('fail');
    expect(held.cases[0]?.why).toMatch(
      /^listed as a known deviation that names CTX-6, but this failure names REP-7/,
    );
  });

  it('excuses every failure that names a listed requirement', async () => {
    const known = listed([{ id: 'REP-7', reason: 'numbers are not checked', reference: '#12' }]);
    const held = await report('run', ...few, '--known', known, ...faulty);
    expect([held.verdict, held.totals['fail']]).toEqual(['pass', 0]);
    expect(held.totals['known']).toBeGreaterThan(0);
    // Cases of other suites could still need the entry.
    const mended = await report('run', ...few, '--known', known, ...adapter);
    expect([mended.verdict, mended.totals['unexpectedPass']]).toEqual(['pass', 0]);
  });

  it('is stale when every case that could need it was run, and none did', async () => {
    const known = listed([{ id: 'WIR-4', reason: 'headers are trusted' }]);
    const mended = await report('run', '--filter', 'WIR-4', '--known', known);
    expect([mended.verdict, mended.totals['unexpectedPass']]).toEqual(['fail', 1]);
    expect(mended.cases.at(-1)).toMatchObject({ id: 'known/WIR-4', verdict: 'unexpected-pass' });
    expect(await said.msgctx('run', '--filter', 'WIR-4', '--known', known)).toBe(1);
    expect(said.out).toContain('STALE entries in the list of known deviations:');
    expect(said.out).not.toContain('FAIL ');
  });

  it.each([
    ['expires', { expires: '2020-01-01' }, 'fail'],
    ['still counts', { expires: '2999-01-01' }, 'pass'],
    ['is for other versions', { versions: '>=2' }, 'fail'],
    ['is for this version', { versions: '^1.0' }, 'pass'],
  ])('%s by its own terms', async (_, terms, verdict) => {
    const known = listed([{ id: 'REP-7', reason: 'for now', ...terms }]);
    expect((await report('run', ...few, '--known', known, ...faulty)).verdict).toBe(verdict);
  });

  it('holds what is flaky several times and counts it apart', async () => {
    const [id = ''] = (await report('run', ...few, ...adapter)).cases.map((one) => one.id);
    const known = listed([{ id, reason: 'now and then', flaky: true }]);
    const held = await report('run', '--filter', id, '--known', known, ...adapter);
    expect(held.cases[0]?.why).toBe('now and then; failed in 0 of 3 runs');
    expect(held.totals['flaky']).toBe(1);
  });

  it.each([
    ['{', 'expected JSON ('],
    ['[]', 'expected a JSON object'],
    ['{"schema":"msgctx-known/2"}', 'expected "schema": "msgctx-known/1"'],
    ['', 'expected a list of known deviations, found nothing'],
  ])('that reads %j is refused with exit 2', async (text, expected) => {
    writeFileSync(file('bad.json'), text);
    expect(await said.msgctx('run', ...few, '--known', file('bad.json'))).toBe(2);
    expect(said.err).toContain(`msgctx: ${file('bad.json')}: ${expected}`);
    expect(said.err.trim().split('\n').length).toBe(1);
  });

  it.each([
    [{ id: 'REP-99', reason: 'x', fails: [] }, 'there is no case or requirement "REP-99"'],
    [{ id: 'REP-7' }, 'deviation 1: expected a "reason" for "REP-7"'],
    [{ id: 'paths/x', reason: 'x' }, 'expected "fails" for the case "paths/x"'],
    [{ id: 'REP-7', reason: 'x', expires: 'soon' }, 'expected "expires" as YYYY-MM-DD'],
    [{ id: 'REP-7', reason: 'x', expires: '2030-13-01' }, 'YYYY-MM-DD, found "2030-13-01"'],
    [{ id: 'REP-7', reason: 'x', versions: 'newest' }, 'expected "versions" as a semver range'],
    [{ id: 'REP-7', reason: 'x', until: 'soon' }, 'expected no member "until"'],
  ])('with %j is refused with exit 2', async (entry, expected) => {
    expect(await said.msgctx('run', ...few, '--known', listed([entry]))).toBe(2);
    expect(said.err).toContain(expected);
  });
});

describe('what is written', () => {
  const schema = (name: string) =>
    JSON.parse(readFileSync(`schemas/${name}.json`, 'utf8')) as object;
  const fits = (name: string, text: string) =>
    new Ajv.default().validate(schema(name), JSON.parse(text));

  it('fits the published schemas', async () => {
    const known = file('fits.json');
    await said.msgctx('run', ...few, '--json', '--known', known, '--update-known', ...faulty);
    expect(fits('report', said.out)).toBe(true);
    expect(fits('known', readFileSync(known, 'utf8'))).toBe(true);
    expect(fits('report', said.out.replace('"verdict": "fail"', '"verdict": "bad"'))).toBe(false);
    expect(fits('known', '{"schema":"msgctx-known/1","deviations":[{"id":"REP-7"}]}')).toBe(false);
  });
});

describe('parts of a run', () => {
  const suites = ['--suite', 'rejections', '--suite', 'time'];

  it('put together have the totals, the coverage and the cases of the whole', async () => {
    const whole = await report('run', ...suites);
    const names = await Promise.all(
      [1, 2, 3].map((nth) => {
        const name = file(`part-${nth}.json`);
        return said
          .msgctx('run', ...suites, '--shard', `${nth}/3`, '--reporter', `json=${name}`)
          .then(() => name);
      }),
    );
    const merged = await report('merge', ...names.toReversed());
    expect([merged.totals, merged.coverage]).toEqual([whole.totals, whole.coverage]);
    const ids = ({ cases }: Document) => cases.map(({ id }) => id).sort();
    expect(ids(merged)).toEqual(ids(whole));
    expect(await said.msgctx('merge', names[0] ?? '', names[2] ?? '')).toBe(2);
    expect(said.err).toContain('part 2/3 of the run of');
    expect(await said.msgctx('merge', ...names, names[0] ?? '')).toBe(2);
    expect(said.err).toMatch(/the case \S+ is in \S+part-1.json and in \S+part-1.json/);
  });

  it('may be empty, which is no failure', async () => {
    const parts = await Promise.all(
      Array.from({ length: 9 }, (_, nth) =>
        said.msgctx('run', '--filter', 'time/idle', '--shard', `${nth + 1}/9`),
      ),
    );
    expect(new Set(parts)).toEqual(new Set([0]));
  });

  it.each([
    [{ JOB_COMPLETION_INDEX: '0' }, 'auto/9'],
    [{ CI_NODE_INDEX: '1', CI_NODE_TOTAL: '9' }, 'auto'],
    [{ CIRCLE_NODE_INDEX: '0', CIRCLE_NODE_TOTAL: '9' }, 'auto'],
  ])('are chosen by %j', async (environment, shard) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const auto = await report('run', '--filter', 'time/clock', '--shard', shard);
    vi.unstubAllEnvs();
    const named = await report('run', '--filter', 'time/clock', '--shard', '1/9');
    expect(auto.cases).toEqual(named.cases);
    expect(auto.cases.length).toBeGreaterThan(0);
  });

  it.each(['0/3', '4/3', '1', 'x/3', '1/3/3', 'auto', 'auto/3'])(
    '--shard %s: exit 2',
    async (shard) => {
      expect(await said.msgctx('run', ...few, '--shard', shard)).toBe(2);
      expect(said.err).toContain(`--shard ${shard}: `);
    },
  );
});

describe('several implementations', () => {
  it('stand side by side, and the worst decides', async () => {
    const [right, wrong] = [file('right.json'), file('wrong.json')];
    await said.msgctx('run', ...few, '--reporter', `json=${right}`);
    await said.msgctx('run', ...few, '--reporter', `json=${wrong}`, ...faulty);
    expect(await said.msgctx('merge', right, wrong)).toBe(1);
    expect(said.out).toMatch(
      /^ +msgctx-reference \S+ \(seed\) {2}msgctx-example-javascript \S+ \(seed\)$/m,
    );
    expect(said.out).toMatch(/^REP-7 +pass +FAIL$/m);
    expect(await said.msgctx('merge', right, wrong, '--reporter', 'markdown')).toBe(1);
    expect(said.out).toMatch(/^\| REP-7 \| pass \| FAIL \|$/m);
    expect(await said.msgctx('merge', right, wrong, '--reporter', 'tap')).toBe(2);
    expect(said.err).toContain('takes the runs of one implementation, found 2');
  });

  it.each([
    ['{}', 'expected "schema": "msgctx-report/1"'],
    ['nothing', 'expected JSON'],
    ['{"schema":"msgctx-report/1"}', 'expected an object "implementation"'],
  ])('are not read from %s', async (text, expected) => {
    writeFileSync(file('bad.json'), text);
    expect(await said.msgctx('merge', file('bad.json'))).toBe(2);
    expect(said.err).toContain(`${file('bad.json')}: ${expected}`);
  });
});
