import type { Command } from 'commander';
import type { Place } from '../../../impl/index.js';
import { portUsual } from '../../../impl/index.js';
import { UsageError } from '../../usage.js';
import { wholeUpTo } from '../numbers.js';

/** Where the processes of the reference system find each other, as a command line says it. */
export interface PlaceFlags {
  readonly netlink?: number;
  readonly socket?: string;
}

const portMax = 2 ** 32 - 2;

/** Adds the options that say where. */
export function addPlace(command: Command): Command {
  return command
    .option(
      '--netlink <port>',
      `the AF_NETLINK port of the kernel side; the one above it is the door (default: ${portUsual})`,
      wholeUpTo(portMax, 1),
    )
    .option('--socket <path>', 'Unix sockets instead, at this path and at PATH.door');
}

/** Where that is. */
export function placeOf({ netlink, socket }: PlaceFlags): Place {
  if (socket === undefined) return { transport: 'netlink', port: netlink ?? portUsual };
  if (netlink === undefined) return { transport: 'channel', path: socket };
  throw new UsageError('either --netlink or --socket says where the kernel side is, not both');
}

/** The kernel sides that a process trusts: those of root and of its own user. */
export function trustedUids(): readonly number[] {
  return [0, process.getuid?.() ?? 0];
}
