import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaseReport, Report, Subject } from '../../conformance/index.js';
import { run, seed, selectCases } from '../../conformance/index.js';
import { MutantSubject } from '../../conformance/mutants/subject.js';
import { printHtml } from '../../conformance/report/html.js';
import { sequenceOf } from '../../conformance/report/parties.js';
import { drawSequence } from '../../conformance/report/sequence.js';
import { accessibilityFaults, lacksBrowser, openBrowser } from '../browser.js';
import { parseXml } from '../model/xml.js';

const suites = ['paths', 'wire'];

async function reportFor(subject: Subject): Promise<Report> {
  const cases = selectCases(seed, suites, [], { role: 'kernel' });
  return run({ subject, cases, profile: seed, strict: false, seed: 1, runs: 1, bail: false });
}

/** Words of an implementation that would be markup, load something or run, if a page obeyed them. */
const hostile =
  '</style><script>document.title="owned"</script><img src="http://127.0.0.1:9/x" onerror="1">\u0007';

function withHostileWords(report: Report): Report {
  const cases = report.cases.map((one): CaseReport => {
    if (one.verdict !== 'fail') return one;
    const trace = one.trace.map((step) => ({ ...step, observed: [...step.observed, hostile] }));
    return { ...one, why: `${one.why} ${hostile}`, trace, allowed: [hostile] };
  });
  return { ...report, implementation: { ...report.implementation, name: hostile }, cases };
}

describe('a conversation as a sequence diagram', () => {
  const conversation: CaseReport = {
    id: 'paths/x',
    suite: 'paths',
    requirements: ['REP-7'],
    verdict: 'fail',
    why: 'because',
    kept: [],
    replay: [],
    allowed: ['refused (reply/wrong-sequence)'],
    trace: [
      { command: 'helo u1.d1', observed: ['ok'] },
      { command: 'fail-send 2', observed: ['ok'] },
      { command: 'request r1 u2', observed: ['refused with ENOTCONN'] },
      {
        command: 'request r2 u1',
        observed: ['ok', 'message to u1.d1: request, index 0, seq 7, payload a0'],
      },
      { command: 'advance r2 early=1', observed: ['ok'] },
      { command: '& reply u1.d1 r2', observed: ['ok', 'r2 returns payload b0'], probe: true },
    ],
  };

  it('has a lane for who asks, the kernel and each process, and a row for what reached whom', () => {
    const { lanes, rows } = sequenceOf(conversation, 'kernel');
    const told = rows.map((row) => {
      const ends = 'from' in row ? [row.from, row.to] : [row.at].filter((at) => at !== undefined);
      const names = ends.map((lane) => lanes[lane] ?? '?').join(' -> ');
      return `${row.isWrong === true ? '! ' : ''}${row.kind} [${names}] ${row.label}`;
    });
    expect({ lanes, told }).toEqual({
      lanes: ['u1 asks', 'u2 asks', 'kernel', 'u1.d1'],
      told: [
        'call [u1.d1 -> kernel] helo u1.d1',
        'answer [kernel -> u1.d1] ok',
        'note [] fail-send 2',
        'call [u2 asks -> kernel] request r1 u2',
        'answer [kernel -> u2 asks] refused with ENOTCONN',
        'call [u1 asks -> kernel] request r2 u1',
        'call [kernel -> u1.d1] message to u1.d1: request, index 0, seq 7, payload a0',
        'note [u1 asks] advance r2 early=1',
        'divider [] closing probe',
        '! call [u1.d1 -> kernel] & reply u1.d1 r2',
        '! answer [kernel -> u1.d1] ok',
        '! call [kernel -> u1 asks] r2 returns payload b0',
        'divider [] allowed: refused (reply/wrong-sequence)',
      ],
    });
  });

  it('has two lanes where a daemon is held, and leaves the middle of a long one out', () => {
    const trace = Array.from({ length: 1000 }, () => ({ command: 'key k1', observed: ['ok'] }));
    const { lanes, rows } = sequenceOf({ ...conversation, trace }, 'daemon');
    expect(lanes).toEqual(['kernel (the suite)', 'daemon']);
    expect(rows).toHaveLength(2 * 80 + 1 + 1);
    expect(rows[40]).toEqual({ kind: 'divider', label: '920 steps are left out' });
  });

  it('is well-formed, keeps its texts inside, and shortens what is too long', () => {
    const long = 'x'.repeat(500);
    const rows = [
      { kind: 'call', from: 1, to: 0, label: `<&"${long}` },
      { kind: 'note', at: 0, label: hostile.slice(0, 40) },
    ] as const;
    const root = parseXml(drawSequence({ title: 'a <b>', lanes: ['one', 'two'], rows }));
    const texts = root.children.flatMap((group) =>
      group.children.filter(({ name }) => name === 'text'),
    );
    const width = Number(root.attributes['width']);
    for (const { text, attributes } of texts) {
      const half = (text.length * 6.7) / 2;
      expect(Number(attributes['x']) - half).toBeGreaterThanOrEqual(0);
      expect(Number(attributes['x']) + half).toBeLessThanOrEqual(width);
    }
    expect(texts).toHaveLength(4);
    expect(texts.map(({ text }) => text.length)).toEqual([3, 3, 64, 40]);
  });
});

describe.skipIf(lacksBrowser())('the HTML report in a real browser', () => {
  let browser: Browser;
  let folder: string;
  const faults: string[] = [];

  beforeAll(async () => {
    browser = await openBrowser();
    folder = mkdtempSync(join(tmpdir(), 'msgctx-html-'));
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  /** Opens a page from its file; whatever it loads, logs or breaks is a fault. */
  async function opened(text: string, colorScheme: 'light' | 'dark', width: number): Promise<Page> {
    const file = join(folder, 'report.html');
    writeFileSync(file, text);
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
    faults.length = 0;
    page.on('console', (message) => faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('request', (request) => {
      if (request.url() !== `file://${file}`) faults.push(request.url());
    });
    await page.goto(`file://${file}`);
    return page;
  }

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
    ['dark', 360],
  ] as const)('is accessible, %s and %i pixels wide, and loads nothing', async (scheme, width) => {
    const report = await reportFor(new MutantSubject({ fault: 'ignores-number' }));
    const page = await opened(await printHtml([report], ''), scheme, width);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect(faults).toEqual([]);
    await page.close();
  });

  it('shows rules, failures with their diagrams, and what of the machines was not covered', async () => {
    const report = await reportFor(
      new MutantSubject({ fault: 'ignores-number', without: ['exit'] }),
    );
    const page = await opened(await printHtml([report], ' -- ./mine'), 'light', 1280);
    const count = (selector: string) => page.locator(selector).count();
    expect(await page.locator('tr', { hasText: 'REP-7' }).locator('.verdict').innerText()).toBe(
      'fail',
    );
    expect(await count('svg.sequence')).toBe(9);
    expect(await count('svg.machine')).toBe(4);
    expect(await page.locator('h3', { hasText: 'daemon:' }).innerText()).toBe(
      'daemon: 4 not covered',
    );
    expect(await page.locator('code', { hasText: 'stale RECLAIM' }).count()).toBe(1);
    const stale = page.locator('svg.machine .missed', { hasText: 'stale' });
    expect(await stale.count()).toBeGreaterThan(0);
    const wrong = page.locator('svg.sequence').first().locator('.wrong text').first();
    expect(await wrong.textContent()).toBe('reply u1.d1 r1 seq=r1-1');
    expect(await page.locator('details[open] code', { hasText: ' -- ./mine' }).count()).toBe(3);
    await page.close();
  });

  it('obeys nothing that an implementation says', async () => {
    const report = withHostileWords(
      await reportFor(new MutantSubject({ fault: 'ignores-number' })),
    );
    const page = await opened(await printHtml([report, report], hostile), 'light', 1280);
    expect(await page.title()).toContain('<script>');
    expect(await page.locator('script, img').count()).toBe(0);
    expect(faults).toEqual([]);
    await page.close();
  });

  it('puts implementations side by side', async () => {
    const wrong = await reportFor(new MutantSubject({ fault: 'ignores-number' }));
    const right = await reportFor(new MutantSubject());
    const page = await opened(await printHtml([wrong, right], ''), 'dark', 360);
    const row = page.getByRole('row', { name: /^REP-7/ }).first();
    expect(await row.locator('.verdict').allInnerTexts()).toEqual(['fail', 'pass']);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await page.close();
  });
});
