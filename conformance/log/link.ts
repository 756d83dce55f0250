import type { Packet } from './record.js';

/**
 * The headers of link layers that carry netlink messages, all with the high byte first.
 *
 * | link type | bytes | header |
 * |---|---|---|
 * | 253 NETLINK | 16 | kind u16, 824 u16, 10 unused, netlink family u16 |
 * | 113 LINUX_SLL | 16 | kind u16, ARPHRD u16, address length u16, address 8, family u16 |
 * | 276 LINUX_SLL2 | 20 | family u16, 0 u16, interface u32, ARPHRD u16, kind u8, address length u8, address 8 |
 *
 * Source: the list of link-layer types of tcpdump.org; Linux net/netlink/af_netlink.c __netlink_deliver_tap_skb (the
 * kind says who gets a message) and include/uapi/linux/if_arp.h ARPHRD_NETLINK.
 */

/** The link types that can be read. */
export const linkTypes = { sll: 113, netlink: 253, sll2: 276 } as const;

const arphrdNetlink = 824;
const headBytes: Readonly<Record<number, number>> = {
  [linkTypes.sll]: 16,
  [linkTypes.netlink]: 16,
  [linkTypes.sll2]: 20,
};
/** Kinds of packet: to user space, to kernel space. */
const directions: Readonly<Record<number, Packet['to']>> = { 6: 'user', 7: 'kernel' };

/** The netlink messages of a packet; `none` where it carries something else, `short` where its header was cut. */
export function netlinkOf(
  link: number,
  bytes: Uint8Array,
): Pick<Packet, 'family' | 'to' | 'bytes'> | 'none' | 'short' {
  const length = headBytes[link];
  if (length === undefined) return 'none';
  if (bytes.length < length) return 'short';
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const isSll2 = link === linkTypes.sll2;
  const [hardware, kind] = isSll2
    ? [view.getUint16(8), view.getUint8(10)]
    : [view.getUint16(2), view.getUint16(0)];
  if (link !== linkTypes.netlink && hardware !== arphrdNetlink) return 'none';
  const family = view.getUint16(isSll2 ? 0 : 14);
  return { family, to: directions[kind] ?? 'unknown', bytes: bytes.subarray(length) };
}
