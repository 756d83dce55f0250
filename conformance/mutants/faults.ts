import type { ProfileName, RequirementId } from '../../model/index.js';
import { concurrency } from './faults/concurrency.js';
import { correlation, lifecycle } from './faults/contexts.js';
import { identity, registration } from './faults/daemons.js';
import type { FaultEntry } from './faults/entry.js';
import { delivery, waking } from './faults/messages.js';
import { errnos, rare, time } from './faults/occasions.js';
import { reading } from './faults/reading.js';
import { resets } from './faults/resets.js';
import { reuse } from './faults/reuse.js';
import { signals, transport } from './faults/transport.js';
import { device, netlink } from './faults/versions.js';
import { datagrams, packets } from './faults/wire.js';

/**
 * The catalogue of faults: what can be wrong with the kernel of this folder, one thing at a time.
 *
 * By principle: each thing that a kernel keeps (contexts, numbers, identities, registrations, time)
 * is lost, doubled, mixed up, or kept too long; each check is left out or compares too little; each
 * output is missing, doubled, misdirected or altered; and each of this only where it is rare.
 */

const groups = {
  lifecycle,
  correlation,
  identity,
  registration,
  delivery,
  waking,
  time,
  errnos,
  rare,
  reading,
  transport,
  signals,
  reuse,
  datagrams,
  packets,
  resets,
  netlink,
  device,
  concurrency,
};

/** The name of a group of faults. */
export type FaultGroup = keyof typeof groups;

type KeysOf<T> = T extends unknown ? keyof T : never;

/** The name of a fault. */
export type FaultId = KeysOf<(typeof groups)[FaultGroup]>;

/** One fault. */
export interface Fault {
  readonly id: FaultId;
  readonly group: FaultGroup;
  readonly text: string;
  readonly requirement: RequirementId;
  /** The version of the protocol in which it is a fault. */
  readonly profile: ProfileName;
  /** The capabilities without which it cannot show. */
  readonly with: readonly string[];
  readonly strict: boolean;
  readonly equivalent?: string;
}

/** Every fault, in the order of the catalogue. */
export const faults: readonly Fault[] = Object.entries(groups).flatMap(([group, entries]) =>
  Object.entries<FaultEntry>(entries).map(([id, { rule, text, strict, equivalent, ...entry }]) => ({
    // Object.entries widens the keys of a constant object to string, here and in the line below.
    id: id as FaultId,
    group: group as FaultGroup,
    text,
    requirement: rule,
    profile: entry.profile ?? 'seed',
    with: entry.with ?? [],
    strict: strict === true,
    ...(equivalent === undefined ? {} : { equivalent }),
  })),
);

/** Says whether a fault is switched on. */
export type Has = (id: FaultId) => boolean;
