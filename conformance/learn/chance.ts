const seed = 1;

/** Numbers from 0 to below 1 that look drawn and are the same in every run (a linear congruence modulo 2^32). */
export function chance(): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
