import type { Profile, ReplyFact } from './profiles.js';
import type { ProfileName } from './requirements.js';

/**
 * Defects: faults of real kernels that can be put into the model, and checks that can be taken out.
 *
 * A defect is a name and what it needs; what it does is said where the rule is said that it breaks,
 * in vectors/. Each breaks some properties and no other, which a test pins with the shortest run.
 *
 * Source: fs/ecryptfs of the versions named, and the reports that mended them.
 */

/** The catalogued defects that the model knows. */
export type DefectId = 'D-1' | 'D-2' | 'D-3' | 'D-5' | 'D-7' | 'D-11' | 'D-14' | 'D-15';

/** A check that `--without` takes out: one of the reply cascade, or one of those below. */
export type Check = ReplyFact | 'requestUser' | 'quitSender' | 'timeLimit';

/** A defect of the catalogue. */
export interface Defect {
  readonly id: DefectId;
  readonly text: string;
  readonly source: string;
  /** The profiles under which it can happen; the first is taken when none is asked for. */
  readonly profiles: readonly ProfileName[];
  /** Whether messages must wait in queues for it to be seen. */
  readonly queue: boolean;
  /** Why it cannot happen under the other profiles. */
  readonly elsewhere: string;
}

const netlink = ['seed', 'netlink-2.6.21'] as const;
const device = ['device-6', 'device-2.6.26'] as const;

/** Every defect that can be switched on. */
export const defects: readonly Defect[] = [
  {
    id: 'D-1',
    text: 'A request that cannot be sent leaves its context pending for ever.',
    source: 'Linux 2.6.21 to 7.1 fs/ecryptfs/messaging.c ecryptfs_send_message',
    profiles: [...netlink, ...device],
    queue: false,
    elsewhere: '',
  },
  {
    id: 'D-2',
    text: 'The pid alone identifies the sender of a reply, and another user can get the same pid later.',
    source: 'Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_response; LKML 25 August 2006',
    profiles: netlink,
    queue: false,
    elsewhere: 'a handle is closed when its process dies, so no pid is used again',
  },
  {
    id: 'D-3',
    text: 'When a daemon closes the device, the contexts of its unread requests are freed while the requesters sleep on.',
    source: 'Linux 3.6 to 7.1 fs/ecryptfs/miscdev.c ecryptfs_miscdev_release',
    profiles: ['seed', 'netlink-2.6.21', ...device],
    queue: true,
    elsewhere: '',
  },
  {
    id: 'D-5',
    text: 'For a reply to a context without an owner, the kernel follows a null pointer.',
    source: 'Linux 2.6.21 to 3.5 fs/ecryptfs/messaging.c ecryptfs_process_response',
    profiles: ['seed', 'netlink-2.6.21', 'device-2.6.26'],
    queue: false,
    elsewhere: 'nobody looks at the owner of a context',
  },
  {
    id: 'D-7',
    text: 'A request that ends before its message is read stays in the queue, though its context is free.',
    source: 'Linux 2.6.26 to 7.1 fs/ecryptfs/miscdev.c ecryptfs_miscdev_read',
    profiles: device,
    queue: true,
    elsewhere: 'a message that was sent may be read though its request has ended',
  },
  {
    id: 'D-11',
    text: 'HELO does not end the old registration: the user has two records.',
    source: 'Linux 2.6.26 fs/ecryptfs/messaging.c ecryptfs_process_helo',
    profiles: netlink,
    queue: false,
    elsewhere: 'a second daemon of a user is refused',
  },
  {
    id: 'D-14',
    text: 'A second read at the same time returns with the table of daemons still locked.',
    source: 'Linux 2.6.26 fs/ecryptfs/miscdev.c ecryptfs_miscdev_read',
    profiles: ['seed', 'netlink-2.6.21', ...device],
    queue: false,
    elsewhere: '',
  },
  {
    id: 'D-15',
    text: 'The writer of a refused reply is told that it was accepted.',
    source: 'Linux 2.6.26 to 3.3 fs/ecryptfs/miscdev.c ecryptfs_miscdev_write',
    profiles: ['seed', ...device],
    queue: false,
    elsewhere: 'netlink reports nothing to the sender of a reply',
  },
];

/** The checks beside the reply cascade that `--without` can take out. */
export const otherChecks: Readonly<Record<Exclude<Check, ReplyFact>, string>> = {
  requestUser: "a request goes to the daemon of the asker's user",
  quitSender: 'only the registered process can quit',
  timeLimit: 'a sleeper wakes up when its time is over',
};

/** Every check that can be taken out under a profile. */
export function checksOf(profile: Profile): readonly Check[] {
  // The keys of the record above are its type.
  const others = Object.keys(otherChecks) as Exclude<Check, ReplyFact>[];
  return [...profile.checks.map(({ fact }) => fact), ...others];
}

/** What the environment does beside using the protocol. */
export interface Environment {
  /** A send to a living daemon can fail. */
  readonly sendFails: boolean;
  /** Sleeping processes get signals. */
  readonly signals: boolean;
  /** The pid of a dead daemon can be given to a process of another user. */
  readonly pidReuse: boolean;
}

/** An environment that only uses the protocol. */
export const calm: Environment = { sendFails: false, signals: false, pidReuse: false };

/** What is switched in a model: defects put in, checks taken out, disturbances let in. */
export interface Switches {
  readonly defects: readonly DefectId[];
  readonly without: readonly Check[];
  readonly environment: Environment;
}

/** The protocol as the profile has it. */
export const asSpecified: Switches = { defects: [], without: [], environment: calm };
