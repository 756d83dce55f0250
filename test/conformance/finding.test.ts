import { describe, expect, it } from 'vitest';
import { findingOf, kernelFindingOf } from '../../conformance/finding.js';

const failure = { why: 'got seq 4907', requirements: [], allowed: ['seq 4900'], inProbe: false };
const step = (...observed: string[]) => ({ command: 'request r1 u1', observed });

describe('what a report says of a failed conversation', () => {
  it('counts the numbers of a kernel from the first one, over the end of 32 bits', () => {
    const { trace, why, allowed } = kernelFindingOf(failure, {
      trace: [step('ok', 'message, seq 4900, payload 01'), step('message, seq 3, payload 02')],
    });
    expect(trace.flatMap(({ observed }) => observed)).toEqual([
      'ok',
      'message, seq 1, payload 01',
      'message, seq 4294962400, payload 02',
    ]);
    expect([why, allowed]).toEqual(['got seq 8', ['seq 1']]);
  });

  it('leaves the numbers of a conversation with a daemon as the suites chose them', () => {
    expect(findingOf(failure, { trace: [step('response, seq 4900')] })).toMatchObject({
      why: 'got seq 4907',
      trace: [{ observed: ['response, seq 4900'] }],
    });
  });

  it('bounds what an implementation said, and says how much is missing', () => {
    const long = { ...failure, why: 'w'.repeat(5000) };
    const texts = [...Array<string>(300).fill('x'.repeat(1000)), 'the last'];
    const { why, trace } = findingOf(long, { trace: [step(...texts), step('ok')] });
    expect(why).toBe(`${'w'.repeat(4000)}… (1000 more characters)`);
    const [first, second] = trace.map(({ observed }) => observed);
    expect(first?.slice(-2)).toEqual([`${'x'.repeat(144)}… (856 more characters)`, '… (38 more)']);
    expect(second).toEqual(['… (1 more)']);
  });
});
