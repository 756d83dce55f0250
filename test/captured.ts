import { afterAll, beforeAll, vi } from 'vitest';
import { main } from '../conformance/cli/main.js';

/** What a command line wrote. */
export interface Captured {
  readonly out: string;
  readonly err: string;
  /** Runs one, and gives its exit status; what the one before wrote is forgotten. */
  msgctx(...argv: readonly string[]): Promise<number>;
}

/** Keeps what command lines write in a test file, instead of showing it. */
export function captured(): Captured {
  let [out, err] = ['', ''];
  beforeAll(() => {
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      out += String(text);
      return true;
    });
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      err += String(text);
      return true;
    });
  });
  afterAll(() => {
    vi.restoreAllMocks();
  });
  return {
    get out() {
      return out;
    },
    get err() {
      return err;
    },
    msgctx: (...argv) => {
      [out, err] = ['', ''];
      return main(argv);
    },
  };
}
