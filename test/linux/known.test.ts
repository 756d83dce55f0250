import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { profiles } from '../../conformance/index.js';
import { parseKnown } from '../../conformance/known-file.js';
import { mustName } from '../../conformance/select.js';

/** The lists of known deviations of real kernels name existing cases and requirements, and the kernel's source. */

const folder = 'examples/linux';
const lists = readdirSync(folder).filter((name) => name.endsWith('.json'));

describe('the lists of what is known of Linux', () => {
  it.each(lists)('%s names cases and rules of its profile, with reason and source', (name) => {
    const deviations = parseKnown(readFileSync(`${folder}/${name}`, 'utf8'), name);
    const profile = profiles['device-6'];
    if (profile === undefined) throw new Error('no profile device-6');
    for (const { id, reason, reference } of deviations) {
      mustName(id, profile, new Set());
      expect(`${id}: ${reference ?? ''}`).toMatch(/Linux 6\.1 fs\/ecryptfs/);
      expect(reason.length).toBeGreaterThan(20);
    }
    expect(deviations.length).toBeGreaterThan(0);
  });
});
