import type { Answer, Call, SubjectEvent } from '../../conformance/index.js';
import { AdapterBroke } from '../../conformance/index.js';
import type { MutantOptions } from '../../conformance/mutants/subject.js';
import { MutantSubject } from '../../conformance/mutants/subject.js';

/**
 * Conversations with the kernel of the mutants, call by call and without an oracle.
 *
 * `helo 1 11; ask 1 1; reply 1 11 0 1` is a HELO by process 11 of user 1, request 1 by user 1, and a
 * reply with index 0 and number 1. First words: `read` and `wake` for what the runner holds back,
 * `contexts N`; `reset` makes all fresh. Requests carry a1, a2…, replies b1, b2…
 */
export async function talk(options: MutantOptions, conversation: string): Promise<string[]> {
  const subject = new MutantSubject(options);
  const lines = conversation.split(';').map((line) => line.trim());
  const setup = lines.filter((line) => /^(?:read|wake|contexts \d+)$/.test(line));
  const contexts = setup.find((line) => line.startsWith('contexts'))?.split(' ')[1] ?? '2';
  const [manualRead, manualWake] = [setup.includes('read'), setup.includes('wake')];
  const params = { contexts: Number(contexts), timeoutMs: 3000, manualRead, manualWake };
  const reset = { method: 'reset', params } as const;
  await subject.call(reset);
  const heard: string[] = [];
  for (const line of lines.filter((one) => !setup.includes(one))) {
    heard.push(`${line}: ${await said(subject, line === 'reset' ? reset : callOf(line))}`);
  }
  return heard;
}

async function said(subject: MutantSubject, call: Call): Promise<string> {
  try {
    return words(await subject.call(call));
  } catch (error) {
    if (error instanceof AdapterBroke) return error.breach;
    throw error;
  }
}

function callOf(line: string): Call {
  const [word = '', ...rest] = line.split(' ');
  const [one = 0, two = 0, index = 0, seq = 0] = rest.map(Number);
  switch (word) {
    case 'helo':
    case 'quit':
      return { method: word, params: { uid: one, pid: two } };
    case 'exit':
    case 'read':
      return { method: word, params: { pid: one } };
    case 'ask':
      return { method: 'request', params: { task: one, uid: two, payload: `a${one}` } };
    case 'reply':
      return { method: 'reply', params: { uid: one, pid: two, index, seq, payload: `b${seq}` } };
    case 'raw':
      return { method: 'raw', params: { uid: one, pid: two, bytes: rest[2] ?? '' } };
    case 'wake':
    case 'interrupt':
      return { method: word, params: { task: one } };
    case 'failSend':
      return { method: word, params: { nth: one } };
    case 'advance':
      return { method: word, params: { ms: one } };
    case 'inspect':
    case 'settle':
      return { method: word, params: {} };
    default:
      throw new TypeError(`no call is named ${word}`);
  }
}

function words({ result = {}, error, events }: Answer): string {
  const view = Object.keys(result).length === 0 ? 'ok' : JSON.stringify(result);
  return [error?.errno ?? error?.code ?? view, ...events.map(happening)].join(', ');
}

function happening(event: SubjectEvent): string {
  if (event.event === 'complete')
    return `${event.task} returns ${event.errno ?? event.payload ?? ''}`;
  if (event.type === 'quit') return `${event.to} gets quit`;
  return `${event.to} gets ${event.index}/${event.seq} ${event.payload}`;
}

/** What a datagram says. */
export interface Datagram {
  readonly type: number;
  readonly seq?: number;
  readonly index?: number;
  /** In hex. */
  readonly data?: string;
  /** What it claims: its data length, its length, its sender. */
  readonly dataLength?: number;
  readonly length?: number;
  readonly pid?: number;
  /** Bytes of it that come; all, unless said otherwise. */
  readonly bytes?: number;
  readonly endian?: 'big';
}

/** The bytes of a datagram of netlink, in hex. */
export function datagram({ type, seq = 0, pid = 0, endian, ...said }: Datagram): string {
  const data = Buffer.from(said.data ?? '', 'hex');
  const bytes = Buffer.alloc(24 + data.length);
  const size = said.index === undefined ? 16 : bytes.length;
  const numbers: [offset: number, value: number][] = [
    [0, said.length ?? size],
    [8, seq],
    [12, pid],
    [16, said.index ?? 0],
    [20, said.dataLength ?? data.length],
  ];
  for (const [offset, value] of numbers) {
    if (endian === 'big') bytes.writeUInt32BE(value, offset);
    else bytes.writeUInt32LE(value, offset);
  }
  if (endian === 'big') bytes.writeUInt16BE(type, 4);
  else bytes.writeUInt16LE(type, 4);
  data.copy(bytes, 24);
  return bytes.subarray(0, said.bytes ?? size).toString('hex');
}

/** What a response that is written to the device says. */
export interface Packet {
  readonly seq: number;
  /** In hex. */
  readonly data: string;
  readonly dataLength?: number;
  /** The bytes of the length, in hex. */
  readonly length?: string;
}

/** The bytes of a response that is written to the device, for context 0, in hex. */
export function packet({ seq, data, ...said }: Packet): string {
  const size = 8 + data.length / 2;
  const two = [((size - 192) >> 8) + 192, (size - 192) & 255];
  const length = said.length ?? Buffer.from(size < 192 ? [size] : two).toString('hex');
  const numbers = Buffer.alloc(12);
  numbers.writeUInt32BE(seq, 0);
  numbers.writeUInt32LE(said.dataLength ?? data.length / 2, 8);
  const body = numbers.subarray(4).toString('hex');
  return `67${numbers.subarray(0, 4).toString('hex')}${length}${body}${data}`;
}
