import type { Subject } from '../subject.js';
import { reasonOf } from '../usage.js';

/** What the live run and the replay do with an implementation that may misbehave at any time. */

/**
 * Closes an implementation. What goes wrong becomes a notice: an adapter that ends with a bad status after its last
 * case has not changed a verdict, and must not end the inspector.
 */
export async function closed(subject: Subject, notice: (sentence: string) => void): Promise<void> {
  try {
    await subject.close();
  } catch (error) {
    notice(reasonOf(error));
  }
}
