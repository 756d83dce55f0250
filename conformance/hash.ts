/** A number from a text and a seed, the same everywhere (FNV-1a). Its lowest bits are the weakest. */
export function hashOf(text: string, seed = 0): number {
  let bits = 0x811c9dc5 ^ seed;
  for (const char of text) bits = Math.imul(bits ^ char.charCodeAt(0), 0x01000193);
  return bits | 0;
}

/** One of so many, by a text and a seed. */
export function choiceOf(text: string, many: number, seed = 0): number {
  const bits = hashOf(text, seed);
  const mixed = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  return ((mixed ^ (mixed >>> 13)) >>> 0) % many;
}
