import type { Subject } from '../subject.js';

/** What the live run and the replay do with an implementation that may misbehave at any time. */

/**
 * Closes an implementation. What goes wrong becomes a notice: an adapter that ends with a bad status after its last
 * case has not changed a verdict, and must not end the inspector.
 */
export async function closed(subject: Subject, notice: (sentence: string) => void): Promise<void> {
  try {
    await subject.close();
  } catch (error) {
    notice(sentenceOf(error));
  }
}

/** Anything that was thrown, as a sentence. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
