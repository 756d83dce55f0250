import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { profiles, selectCases } from '../../conformance/index.js';
import { mustBeKnown } from '../../conformance/known.js';
import { parseKnown } from '../../conformance/known-file.js';

/** What is known of real kernels is of cases and rules that there are, and says where in the kernel it comes from. */

const folder = 'examples/linux';
const lists = readdirSync(folder).filter((name) => name.endsWith('.json'));

describe('the lists of what is known of Linux', () => {
  it.each(lists)('%s names cases and rules of its profile, with reason and source', (name) => {
    const deviations = parseKnown(readFileSync(`${folder}/${name}`, 'utf8'), name);
    const profile = profiles['device-6'];
    if (profile === undefined) throw new Error('no profile device-6');
    const ids = selectCases(profile, [], []).map(({ id }) => id);
    mustBeKnown(deviations, ids);
    for (const { id, reason, reference } of deviations) {
      expect(`${id}: ${reference ?? ''}`).toMatch(/Linux 6\.1 fs\/ecryptfs/);
      expect(reason.length).toBeGreaterThan(20);
    }
    expect(deviations.length).toBeGreaterThan(0);
  });
});
