import { readFileSync } from 'node:fs';
import { CommandFailed } from './failed.js';

const newline = 0x0a;

/** Reads a passphrase from a file: its first line. Whoever gets it wipes it. */
export function readPassphrase(path: string): Uint8Array {
  try {
    const bytes = readFileSync(path);
    const end = bytes.indexOf(newline);
    return end === -1 ? bytes : bytes.subarray(0, end);
  } catch (error) {
    throw CommandFailed.of(path, 'the passphrase cannot be read from', error);
  }
}
