import type { Has } from './faults.js';

/** What happens to payloads on their way, in hex. Without a fault: nothing. */

const requestMax = 4096;

/** The bytes that a message carries. */
export function carried(payload: string, before: string, has: Has): string {
  if (has('message-of-before')) return before;
  if (has('request-cut-at-128')) return cut(payload, 128);
  if (has('request-cut-at-255')) return cut(payload, lengthOf(payload) % 256);
  if (has('cut-at-4096')) return cut(payload, requestMax);
  if (has('request-ends-at-zero')) return cut(payload, zeroIn(payload));
  if (has('request-loses-high-bits')) return mapped(payload, (byte) => [byte & 0x7f]);
  if (has('request-line-ends')) {
    return mapped(payload, (byte) => (byte === 0x0a ? [0x0d, 0x0a] : [byte]));
  }
  if (has('request-padded')) return payload.padEnd(Math.ceil(payload.length / 8) * 8, '0');
  return payload;
}

/** The bytes that a call returns. */
export function returned(payload: string, has: Has): string {
  if (has('reply-cut-at-128')) return cut(payload, 128);
  if (has('reply-cut-at-255')) return cut(payload, lengthOf(payload) % 256);
  if (has('reply-ends-at-zero')) return cut(payload, zeroIn(payload));
  if (has('reply-inverts-last-ff')) return payload.replace(/ff$/, '00');
  return payload;
}

function lengthOf(payload: string): number {
  return payload.length / 2;
}

function cut(payload: string, bytes: number): string {
  return payload.slice(0, bytes * 2);
}

function zeroIn(payload: string): number {
  const zero = Buffer.from(payload, 'hex').indexOf(0);
  return zero === -1 ? lengthOf(payload) : zero;
}

function mapped(payload: string, map: (byte: number) => number[]): string {
  return Buffer.from([...Buffer.from(payload, 'hex')].flatMap(map)).toString('hex');
}
