import { describe, expect, it } from 'vitest';
import { readDevice } from '../../conformance/framing/device.js';
import { lastWords, nameOfDeath } from '../../conformance/subjects/linux/console.js';
import {
  payloadOf,
  privateKeyToken,
  readPacket,
  replyPacket,
  sealedFile,
} from '../../conformance/subjects/linux/packets.js';

/** What goes to a kernel in a machine and what comes from it, without the machine. */

const hex = (text: string) => Buffer.from(text, 'hex');

describe('packets of the device', () => {
  it('name the context and the number of a request', () => {
    const packet = `66000001022e0500000026000000${'42'.repeat(38)}`;
    expect(readPacket(hex(packet))).toEqual({ index: 5, seq: 0x0102 });
  });

  it.each([
    ['without a message', '6600000001'],
    ['cut short', '66000000012e0500000026000000'],
    ['without its number', '6600'],
  ])('name no context %s', (_, packet) => {
    expect(readPacket(hex(packet)).index).toBe(0xffff_ffff);
  });

  it.each(['create', 'open'] as const)('carry an answer to %s that the kernel reads', (half) => {
    const meaning = readDevice(replyPacket(half, { index: 3, sequence: 7 }), 'little');
    if (meaning.kind !== 'response') throw new Error(meaning.kind);
    expect([meaning.index, meaning.sequence]).toEqual([3, 7]);
    // The tag of the answer is the one after the tag of the question; status 0 is good.
    expect(meaning.data[0]).toBe(Number.parseInt(payloadOf(half), 16) + 1);
    expect(meaning.data[1]).toBe(0);
  });
});

describe('keys', () => {
  it('are named at the places where the kernel looks', () => {
    const token = privateKeyToken('00112233445566aa', 'openssl', hex('0a0b'));
    expect(token.length).toBe(742);
    expect([token.readUInt16LE(0), token.readUInt16LE(2), token.readUInt32LE(632)]).toEqual([4, 1, 2]); // prettier-ignore
    expect(token.toString('latin1', 636, 653)).toBe('00112233445566aa\0');
    expect(token.toString('latin1', 653, 661)).toBe('openssl\0');
    expect(token.subarray(670, 672)).toEqual(hex('0a0b'));
  });

  it('of a file are under the key of the mount', () => {
    const begin = Buffer.from(sealedFile.begin());
    // Marker, its partner, version 3 and encrypted, two extents of 4096, and one Tag 1 packet.
    expect(begin.toString('hex', 8, 29)).toBe('000000013c81b7f40300000200001000000201' + '1a03'); // prettier-ignore
    expect(begin.length).toBe(26 + 1 + 1 + 26);
  });
});

const console = `[    0.500000] something of no concern
[    1.200000] ------------[ cut here ]------------
[    1.200001] kernel BUG at lib/list_debug.c:33!
[    1.200002] invalid opcode: 0000 [#1] PREEMPT SMP NOPTI
[    1.200003] RIP: 0010:__list_add_valid.cold+0x23/0x5b
[    1.200004] RAX: 0000000000000058 RBX: ffff8880061fca00 RCX: c0000000ffffefff
[    1.200005] Call Trace:
[    1.200006]  ? do_user_addr_fault+0x1b0/0x550
[    1.200007]  ecryptfs_send_miscdev+0x9a/0x110 [ecryptfs]
[    1.200008]  path_openat+0xf28/0x1260
`;

describe('the console of a kernel that died', () => {
  it('is shown from the first sign of trouble on, without times and registers', () => {
    expect(lastWords(console).split('\n')).toEqual([
      'kernel BUG at lib/list_debug.c:33!',
      'invalid opcode: 0000 [#1] PREEMPT SMP NOPTI',
      'RIP: 0010:__list_add_valid.cold+0x23/0x5b',
      'Call Trace:',
      ' ecryptfs_send_miscdev+0x9a/0x110 [ecryptfs]',
      ' path_openat+0xf28/0x1260',
    ]);
  });

  it('tells one death from another by what was found and by which function', () => {
    const name = nameOfDeath(lastWords(console));
    expect(name).toBe('kernel BUG at lib/list_debug.c:33! in ecryptfs_send_miscdev');
    expect(nameOfDeath('BUG: unable to handle page fault for address: ffffc900005a77b8')).toBe(
      'BUG: unable to handle page fault for address: …',
    );
  });

  it('is shown whole where nothing in it looks like trouble', () => {
    expect(lastWords('[    0.1] one\r\n[    0.2] two\r\n')).toBe('one\ntwo');
  });
});
