import fc from 'fast-check';
import type { DaemonCommand, Deliver, RawName, RequestFlaw, RequestFlawName } from './command.js';

/** Conversations with a daemon that are drawn: requests of every kind, tokens, ends and restarts. */

const upTo = (max: number) => fc.integer({ min: 0, max });
const word32 = fc.oneof(
  upTo(40),
  upTo(31).map((power) => 2 ** power),
  upTo(2 ** 32 - 1),
);
const flawsDrawn: readonly (readonly [RequestFlawName, number])[] = [
  ['cut', 170], ['more', 300], ['digits', 40], ['digits-said', 255], ['other-digit', 15],
  ['longer', 1000], ['shorter', 30], ['five-bytes', 0], ['flip', 1023], ['body', 600],
  ['content', 90], ['foreign', 4], ['pkcs1', 0], ['checksum', 0],
]; // prettier-ignore
const flaw: fc.Arbitrary<RequestFlaw> = fc
  .constantFrom(...flawsDrawn)
  .chain(([name, max]) => upTo(max).map((by) => ({ name, by })));
const often = <T>(arbitrary: fc.Arbitrary<T>, freq: number) =>
  fc.option(arbitrary, { nil: undefined, freq });

const key = fc.integer({ min: 1, max: 3 });
const deliver: fc.Arbitrary<Deliver> = fc
  .record({
    tag: fc.constantFrom(64, 66, 64, 66, 64, 66, 65),
    key,
    bytes: often(upTo(90), 2),
    index: often(word32, 1),
    sequence: often(word32, 1),
    flaw: often(flaw, 1),
    atOnce: often(fc.constant(true as const), 1),
  })
  .map(({ tag, key: named, ...more }) => {
    const given = Object.entries(more).filter(([, value]) => value !== undefined);
    // What is undefined is left out, and the rest are members of a request.
    return { do: 'deliver', tag, key: named, ...Object.fromEntries(given) };
  });
const raws: readonly (readonly [RawName, number])[] = [
  ['empty', 0], ['header', 15], ['too-short', 600], ['bare', 0], ['data-too-short', 600],
  ['noise', 200], ['helo', 0], ['response', 0], ['type', 255],
]; // prettier-ignore
const good: Deliver = { do: 'deliver', tag: 66, key: 1 };
const raw = fc
  .constantFrom(...raws)
  .chain(([name, max]) => upTo(max).map((by): DaemonCommand[] => [{ do: 'raw', name, by }, good]));

/**
 * Conversations: each begins with a key and a daemon, and a good request follows whatever bytes are
 * raw, since a daemon may give up where it can read nothing for a while.
 */
export function daemonConversations(withRaw: boolean): fc.Arbitrary<readonly DaemonCommand[]> {
  const alone = (one: DaemonCommand) => fc.constant([one]);
  const draw = fc.oneof(
    { weight: 20, arbitrary: deliver.map((one): DaemonCommand[] => [one]) },
    { weight: 2, arbitrary: key.map((one): DaemonCommand[] => [{ do: 'key', key: one }]) },
    { weight: 1, arbitrary: alone({ do: 'stop' }) },
    { weight: 1, arbitrary: alone({ do: 'quit' }) },
    { weight: 2, arbitrary: alone({ do: 'start' }) },
    { weight: withRaw ? 8 : 0, arbitrary: raw },
  );
  return fc
    .array(draw, { minLength: 1, maxLength: 24, size: 'max' })
    .map((draws) => [{ do: 'key', key: 1 }, { do: 'start' }, ...draws.flat()]);
}
