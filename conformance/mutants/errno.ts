import type { FaultId, Has } from './faults.js';
import type { Habits } from './habits.js';

/** The errno of a refusal, and the faults that say another. */

type Why = keyof Habits['errnos'];

const bent: Readonly<Partial<Record<Why, readonly [FaultId, string]>>> = {
  'request/no-daemon': ['no-daemon-is-connrefused', 'ECONNREFUSED'],
  'request/no-context': ['full-is-eagain', 'EAGAIN'],
  'request/dead-daemon': ['dead-is-notconn', 'ENOTCONN'],
  'request/send-failed': ['failed-send-is-connrefused', 'ECONNREFUSED'],
  'quit/nobody': ['quit-of-nobody-is-notconn', 'ENOTCONN'],
  'quit/another': ['quit-by-another-is-perm', 'EPERM'],
  'reply/index': ['index-is-erange', 'ERANGE'],
  'reply/idle': ['idle-is-noent', 'ENOENT'],
  'reply/no-daemon': ['unregistered-is-inval', 'EINVAL'],
  'reply/user': ['user-is-perm', 'EPERM'],
  'reply/process': ['process-is-inval', 'EINVAL'],
  'reply/answered': ['second-is-badmsg', 'EBADMSG'],
  'reply/number': ['number-is-badmsg', 'EBADMSG'],
  'time-out': ['timeout-is-etimedout', 'ETIMEDOUT'],
};

/** What a refusal, or a time-out, is reported as. */
export function errnoOf(why: Why, { errnos }: Habits, has: Has): string {
  const [fault, errno] = bent[why] ?? [];
  return fault !== undefined && errno !== undefined && has(fault) ? errno : errnos[why];
}
