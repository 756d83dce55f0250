import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { lacks } from './needs.js';

/** A real Chromium for tests of pages, Debian's where there is one. */

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Whether there is no browser to be had; says so. */
export function lacksBrowser(): boolean {
  return lacks(executablePath, 'pages are not opened in a real browser');
}

/** Starts it; it asks nobody for anything by itself. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
      '--disable-background-networking', '--disable-component-update',
    ], // prettier-ignore
  });
}

/** What axe-core finds wrong with a page by WCAG 2.1, A and AA: the rule and the first place. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  // A page's Content-Security-Policy does not bind what its inspector evaluates.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => {
    // The line above has put it there.
    const { axe: inPage } = globalThis as unknown as { axe: typeof axe };
    return inPage.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] });
  });
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
}
