import type { Asked, Errno, Outcome, Session } from '../../../impl/index.js';
import { Asker, connect, doorOf, TagExchange } from '../../../impl/index.js';
import type { GivenKeys, KeyFlags } from './given-keys.js';
import { withGivenKeys } from './given-keys.js';
import type { PlaceFlags } from './place.js';
import { placeOf, trustedUids } from './place.js';

/**
 * Commands on files work with the keys that the command line gives, and with a way to the daemon.
 *
 * The key of a file goes through the kernel side to the daemon of whoever runs the command, and no further.
 */
export interface FileFlags extends PlaceFlags, KeyFlags {}

/** What work on files is given. */
export interface FileSession {
  readonly keys: GivenKeys;
  readonly session: Session;
  readonly exchange: TagExchange;
}

/** Lends keys and a way to the daemon to some work; both are gone afterwards. */
export function withKeys(
  flags: FileFlags,
  work: (session: FileSession) => Promise<number>,
): Promise<number> {
  return withGivenKeys(flags, async (keys, session) => {
    // Without a private key nobody is asked, and no transport is needed.
    let asker: Asker | undefined;
    const exchange = new TagExchange(async (payload) => {
      asker ??= new Asker({ end: connect(doorOf(placeOf(flags))), kernelUids: trustedUids() });
      return askedOf(await asker.ask(payload));
    });
    try {
      return await work({ keys, session, exchange });
    } finally {
      asker?.close();
    }
  });
}

/** The errnos that need a sentence for the user, and what open(2) or creat(2) would return for them. */
const reasons: Readonly<
  Partial<Record<Errno, { readonly errno: string; readonly message: string }>>
> = {
  ENOMSG: { errno: 'EIO', message: 'the daemon did not answer within the time-out; does it hang?' },
  ENOTCONN: {
    errno: 'ENOTCONN',
    message: 'no daemon of this user is registered; start `ecryptfs daemon`',
  },
  ECONNREFUSED: {
    errno: 'ECONNREFUSED',
    message:
      'the daemon of this user is dead, or there is no kernel side; start `ecryptfs kernel`, then `ecryptfs daemon`',
  },
  ECONNRESET: {
    errno: 'ECONNRESET',
    message:
      'the kernel side closed the channel: it has ended, or this user has too many channels; try again',
  },
  EAGAIN: {
    errno: 'EAGAIN',
    message:
      'the kernel side had no turn for it: too many requests of this user are under way, or a queue is full; try again later',
  },
  ETIMEDOUT: {
    errno: 'ETIMEDOUT',
    message: 'the kernel side keeps silent; is it that of root or of this user?',
  },
};

function askedOf(outcome: Outcome): Asked {
  if (outcome.kind === 'answered') return { kind: 'reply', payload: outcome.payload };
  const { errno } = outcome;
  const reason = reasons[errno] ?? {
    errno,
    message: 'the kernel side refused it; try again later',
  };
  return { kind: 'refused', ...reason };
}
