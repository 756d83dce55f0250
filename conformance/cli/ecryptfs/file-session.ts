import type { Asked, Errno, Outcome, Session } from '../../../impl/index.js';
import { Asker, connect, doorOf, Keyring, TagExchange } from '../../../impl/index.js';
import type { KeyFlags } from './given-keys.js';
import { GivenKeys } from './given-keys.js';
import type { PlaceFlags } from './place.js';
import { placeOf, trustedUids } from './place.js';

/**
 * What commands on files work with: the keys that the command line gives, and a way to the daemon.
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

/** Makes a keyring and a way to the daemon for some work; both are gone afterwards. */
export async function withKeys(
  flags: FileFlags,
  work: (session: FileSession) => Promise<number>,
): Promise<number> {
  const keyring = new Keyring({ now: () => performance.now() });
  const session = keyring.session(0);
  const keys = GivenKeys.of(session, flags);
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
    keys.wipe();
    keyring.end(0);
  }
}

/** What a process that calls open(2) or creat(2) is told, where more can be said than the errno. */
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
