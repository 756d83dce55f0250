/** What is read of a capture, whichever format it has. */

/** What a packet of a capture carries. */
export interface Packet {
  /** Its number in the file, from 1. */
  readonly nth: number;
  /** When it was captured; undefined where the capture does not say. */
  readonly atMs?: number;
  readonly family: number;
  /** Who gets it, where the capture says so. */
  readonly to: 'kernel' | 'user' | 'unknown';
  /** One netlink message or several. */
  readonly bytes: Uint8Array;
  /** How many bytes of it were not captured. */
  readonly missingBytes: number;
  /** In which order the bytes of the file's own numbers stand. */
  readonly endian: 'little' | 'big';
}

/** A packet as the file has it. */
export interface PacketRecord {
  readonly nth: number;
  readonly atMs?: number;
  readonly link: number;
  /** In which order the bytes of the file's own numbers stand. */
  readonly endian: 'little' | 'big';
  readonly bytes: Uint8Array;
  readonly missingBytes: number;
}

/** Why reading stopped: at the end of what there is, or where the file cannot be understood any more. */
export interface Stop {
  readonly kind: 'torn' | 'damaged';
  readonly why: string;
}

/** What formats give: packets, and at the end why they stopped early. */
export type Records = Generator<PacketRecord, Stop | undefined>;

/** How the headers of a pcap file are written. */
export interface PcapKind {
  readonly endian: 'little' | 'big';
  readonly perMs: number;
  /** The length of a packet's header. */
  readonly headBytes: number;
}
