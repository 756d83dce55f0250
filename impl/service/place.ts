import { connectChannel, listenChannel } from '../transport/channel.js';
import { connectNetlink, listenNetlink } from '../transport/netlink.js';
import type { End } from '../transport/transport.js';

/** Where a kernel side is found by other processes: a port of netlink, or the path of a channel. */
export type Place =
  | { readonly transport: 'netlink'; readonly port: number }
  | { readonly transport: 'channel'; readonly path: string };

/** The port where nobody says otherwise; above every pid, by which the system gives ports. */
export const portUsual = 0x4d53_0000;

/**
 * The end of a kernel side at a place.
 *
 * @throws TransportUnavailable when there can be none
 */
export function listen(place: Place): End {
  return place.transport === 'netlink' ? listenNetlink(place) : listenChannel(place);
}

/**
 * The end of a process that talks to a kernel side at a place.
 *
 * @throws TransportUnavailable when there can be none
 */
export function connect(place: Place): End {
  return place.transport === 'netlink' ? connectNetlink(place) : connectChannel(place);
}

/** Where processes ask, beside the place of the daemons. */
export function doorOf(place: Place): Place {
  return place.transport === 'netlink'
    ? { ...place, port: place.port + 1 }
    : { ...place, path: `${place.path}.door` };
}
