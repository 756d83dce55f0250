import type { ProfileName } from '../../model/index.js';
import type { Habits } from './habits.js';

/**
 * What the versions of the protocol do otherwise than the design of 2006.
 *
 * Over netlink Linux 2.6.21 asks for the pid of a sender only, remembers whom a free context served,
 * and tells whoever registers to quit if it was registered before. On the device of Linux 3.6 and
 * later an open handle is the registration: it ends with its process, and whoever has one may answer.
 */
const versions: Readonly<Partial<Record<ProfileName, Partial<Habits>>>> = {
  seed: {},
  'netlink-2.6.21': { sender: 'process', quitsOnRenewal: true, signals: 'ignored' },
  'device-6': {
    sender: 'handle',
    opensOnce: true,
    forgetsTheDead: true,
    quitDropsQueue: true,
    unread: 'withdrawn',
    signals: 'ignored',
  },
};

/** How a version differs from the usual habits. */
export function habitsOf(profile: ProfileName): Partial<Habits> {
  const habits = versions[profile];
  if (habits === undefined) throw new TypeError(`no kernel of profile ${profile} is here`);
  return habits;
}
