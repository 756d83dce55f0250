import type { DaemonHabits } from './habits.js';
import type { DaemonMutantOptions } from './subject.js';

/** Right daemons with unusual habits. None may be accused. */

/** One of them. */
export interface DaemonVariant {
  readonly id: string;
  readonly text: string;
  readonly options: Omit<DaemonMutantOptions, 'readFile'>;
}

const habit = (habits: Partial<DaemonHabits>) => ({ habits });

/** Every variant. */
export const daemonVariants: readonly DaemonVariant[] = (
  [
    ['usual', 'nothing is unusual', {}],
    ['byte-behind', 'one byte stands behind an encrypted key', habit({ byteBehind: true })],
    ['long-failures', 'failures are 40 bytes long', habit({ failureBytes: 38 })],
    ['other-status', 'a failure has status 1', habit({ failureStatus: 1 })],
    ['says-quit', 'told to quit, it says so too', habit({ quitsWhenToldTo: true })],
    ['exits-unseen', 'asked to stop, it does not tell its exit', habit({ tellsItsExit: false })],
    ['refuses-more', 'bytes behind the last field are refused', habit({ refusesMore: true })],
    ['five-bytes', 'the length of five bytes is understood', habit({ readsFiveBytes: true })],
    ['takes-long', 'more than 64 bytes are served', habit({ refusesLong: false })],
    ['looks-inside', 'a wrong checksum is refused', habit({ checksContent: true })],
    ['unknown-tags', 'an unknown tag gets a failure', habit({ answersUnknownTags: true })],
    ['in-part', 'a request that is cut off gets a failure', habit({ answersInPart: true })],
    ['padding', 'a datagram ends where it says', habit({ passesOverPadding: true })],
    ['refuses-tokens', 'a token of another module is refused', habit({ refusesTokens: true })],
    ['rough-tokens', "a token's field ends where it does", habit({ readsTokensRoughly: true })],
    ['nobody-there', 'a message to nobody is refused', habit({ refusesWhenEnded: true })],
    ['real-time', 'what it does comes with settle', { without: ['virtualTime'] }],
    ['no-raw', 'it takes no raw bytes', { without: ['raw'] }],
    ['no-files', 'it reads no key files', { without: ['files'] }],
    ['bare', 'no capability at all', { without: ['virtualTime', 'files', 'raw'] }],
    [
      'concurrent',
      'calls are made one by one',
      { claims: { capabilities: new Set(['virtualTime', 'files', 'raw', 'concurrent']) } },
    ],
    ['small-payloads', 'payloads of 160 bytes at most', { claims: { payloadMax: 160 } }],
    ['many-contexts', 'at least 12 contexts', { claims: { contextsMin: 12 } }],
  ] as const
).map(([id, text, options]) => ({ id, text, options }));
