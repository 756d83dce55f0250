import { CommandError } from '../../model/index.js';

/**
 * The words of a conversation with a daemon: what the suite does to it as its kernel and its user.
 *
 * One line a command, the same in traces and reports:
 *
 *     reset                               everything is fresh again
 *     key k1                              key 1 comes into the user's keyring
 *     key k1 module=openssl2              as a token of another key module
 *     key k1 flaw=no-file                 as a token whose key cannot be opened
 *     key k1 file=deep phrase=long        in a folder far down, under a passphrase that is long
 *     start                               the daemon starts
 *     deliver tag64 k1                    a request to decrypt what was encrypted under key 1
 *     deliver tag66 k1 bytes=24           a request to encrypt a key of 24 bytes under key 1
 *     deliver tag66 k1 index=0 seq=7      in context 0, with number 7
 *     deliver tag64 k1 same=0             with the very bytes of the first such request
 *     deliver tag64 k1 flaw=cut:5         of which only the first 5 bytes come
 *     deliver tag64 k1 &                  and the next command goes out with it
 *     deliver quit                        the kernel tells it to quit
 *     raw helo                            bytes that are no message, or no message for a daemon
 *     stop                                it is asked to end
 *
 * A key that no command brought into the keyring is one that the daemon does not have. What a word cannot
 * hold, a blank in the name of a module, is written as in an address: `module=openssl%20`.
 */

/** Ways in which a token is wrong. */
export const tokenFlaws = [
  'no-file',
  'other-passphrase',
  /** The passphrase is missing. */
  'cut-token',
  /** The path is said to go on for 4096 bytes. */
  'long-path',
  /** So is the passphrase. */
  'long-passphrase',
  /** The last byte, which the passphrase's length counts, is missing. */
  'one-short',
  /** No byte is there. */
  'empty-token',
  /** Half a length is there. */
  'half-length',
  /** It names the file of another key, k1, which its passphrase does not open. */
  'other-file',
] as const;

/** A way in which a token is wrong. */
export type TokenFlaw = (typeof tokenFlaws)[number];

/** Where a key file may be, beside the usual place. */
export const keyPlaces = ['deep', 'blank', 'accented'] as const;

/** A place of a key file. */
export type KeyPlace = (typeof keyPlaces)[number];

/** Passphrases of another kind than the key's own, by name. */
export const passphrases = {
  long: 'a passphrase of more than two hundred and fifty-six bytes '.repeat(5),
  of33: 'thirty-three bytes are one more..',
  of65: 'sixty-five bytes are one more than sixty-four, as can be counted.',
  capitals: 'Case COUNTS',
  edges: '  blanks at both ends ',
  accented: 'Schlüssel für 𝔢𝔠𝔯𝔶𝔭𝔱𝔣𝔰',
  quotes: `"'\\$HOME %s`,
} as const;

/** The name of a passphrase. */
export type PassphraseName = keyof typeof passphrases;

/** Ways in which a request is unusual; those that are said with a number, and those without. */
export const requestFlaws = {
  /** Only the first N bytes come. */
  cut: 'number',
  /** N bytes more come. */
  more: 'number',
  /** The signature has N digits, as its length says. */
  digits: 'number',
  /** The length of the signature is said to be N; the signature has 16 digits. */
  'digits-said': 'number',
  /** The Nth digit of the signature is another, counted from 0. */
  'other-digit': 'number',
  /** The Nth digit of the signature has its high bit set. */
  'digit-high': 'number',
  /** The Nth digit of the signature is a NUL. */
  'digit-nul': 'number',
  /** The Nth digit of the signature and the one behind it have changed places. */
  'digit-swap': 'number',
  /** The body is said to be N bytes longer than it is. */
  longer: 'number',
  /** The body is said to be N bytes shorter than it is. */
  shorter: 'number',
  /** The first byte of the body's length is N, which begins none. */
  'length-code': 'number',
  /** The body's length stands in the form of five bytes. */
  'five-bytes': 'none',
  /** In the form of five bytes the body is said to be N bytes longer than it is. */
  'five-bytes-longer': 'number',
  /** The Nth bit of the encrypted bytes is turned. */
  flip: 'number',
  /** What is encrypted has N bytes more behind it, within the length of the body. */
  tail: 'number',
  /** What is encrypted has N bytes more before it, within the length of the body. */
  head: 'number',
  /** Of what is encrypted the last N bytes are missing, and the body is so much shorter. */
  lacks: 'number',
  /** The body is N bytes of no meaning. */
  body: 'number',
  /** What is encrypted, or to be, is N bytes of no meaning. */
  content: 'number',
  /** The body is encrypted, though the tag is not that of a request to decrypt. */
  encrypted: 'none',
  /** It is encrypted under another key than the signature names, the Nth. */
  foreign: 'number',
  /** It is encrypted with OAEP by SHA-256. */
  'oaep-sha256': 'none',
  /** It is encrypted with the padding of PKCS #1 version 1.5. */
  pkcs1: 'none',
  /** The checksum is that of another key. */
  checksum: 'none',
} as const satisfies Record<string, 'number' | 'none'>;

/** The name of a way in which a request is unusual. */
export type RequestFlawName = keyof typeof requestFlaws;

/** Such a way, with its number. */
export interface RequestFlaw {
  readonly name: RequestFlawName;
  readonly by: number;
}

/** Raw bytes: what they are. */
export const rawWays = {
  empty: 'none',
  /** The first N bytes of the header of a request. */
  header: 'number',
  /** A request that says that it is N bytes longer than it is. */
  'too-short': 'number',
  /** A request without index and data. */
  bare: 'none',
  /** A request whose data are said to be N bytes longer than they are. */
  'data-too-short': 'number',
  /** A request whose data are said to be N bytes shorter than they are. */
  'data-too-long': 'number',
  /** A request that says that it is N bytes shorter than it is. */
  'too-long': 'number',
  /** A request with N bytes behind it. */
  padded: 'number',
  /** N bytes of no meaning. */
  noise: 'number',
  helo: 'none',
  response: 'none',
  /** A bare message of type N. */
  type: 'number',
  quit: 'none',
  /** A request with a body of N bytes, which no key has room for. */
  large: 'number',
  /** A request that is right, whose header says that its sender has pid N, with high bits in its numbers. */
  request: 'number',
} as const satisfies Record<string, 'number' | 'none'>;

/** The name of a kind of raw bytes. */
export type RawName = keyof typeof rawWays;

/** A request for the daemon. */
export interface Deliver {
  readonly do: 'deliver';
  readonly tag: number;
  readonly key: number;
  /** How long the key is that is encrypted, or to be; 16 by default. */
  readonly bytes?: number;
  /** The cipher code; 7 by default. */
  readonly cipher?: number;
  /** Its bytes are those of the Nth request, counted from 0, if that was of the same kind; else new ones. */
  readonly same?: number;
  readonly index?: number;
  readonly sequence?: number;
  readonly flaw?: RequestFlaw;
  /** The next command goes out before this one is answered. */
  readonly atOnce?: true;
}

/** One thing that the suite does. */
export type DaemonCommand =
  | { readonly do: 'reset' | 'start' | 'stop' | 'quit' }
  | {
      readonly do: 'key';
      readonly key: number;
      readonly module?: string;
      readonly flaw?: TokenFlaw;
      readonly file?: KeyPlace;
      readonly phrase?: PassphraseName;
    }
  | Deliver
  | { readonly do: 'raw'; readonly name: RawName; readonly by: number };

/** The capabilities without which commands cannot be carried out. */
export function needsOf(commands: readonly DaemonCommand[]): readonly string[] {
  const uses = (word: DaemonCommand['do']) => commands.some((command) => command.do === word);
  return [...(uses('key') ? ['files'] : []), ...(uses('raw') ? ['raw'] : [])];
}

/** A command as one line. */
export function printDaemonCommand(command: DaemonCommand): string {
  switch (command.do) {
    case 'reset':
    case 'start':
    case 'stop':
      return command.do;
    case 'quit':
      return 'deliver quit';
    case 'key':
      return words(
        `key k${command.key}`,
        option('module', command.module && encodeURIComponent(command.module)),
        option('flaw', command.flaw),
        option('file', command.file),
        option('phrase', command.phrase),
      );
    case 'deliver':
      return words(
        `deliver tag${command.tag} k${command.key}`,
        option('bytes', command.bytes),
        option('cipher', command.cipher),
        option('index', command.index),
        option('seq', command.sequence),
        option('same', command.same),
        option('flaw', command.flaw && numbered(command.flaw, requestFlaws[command.flaw.name])),
        command.atOnce === true ? '&' : '',
      );
    case 'raw':
      return `raw ${numbered(command, rawWays[command.name])}`;
  }
}

function words(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

function option(name: string, value: string | number | undefined): string {
  return value === undefined ? '' : `${name}=${value}`;
}

function numbered(way: { name: string; by: number }, shape: 'number' | 'none'): string {
  return shape === 'none' ? way.name : `${way.name}:${way.by}`;
}

const expected =
  'reset, key k1 [module=NAME] [flaw=NAME] [file=NAME] [phrase=NAME], start, deliver tag64 k1 [bytes=N] [cipher=N] [index=N] [seq=N] [same=N] [flaw=NAME[:N]] [&], deliver quit, raw NAME[:N] or stop';

/**
 * Reads one line.
 *
 * @throws CommandError with the line and the shapes that were expected
 */
export function parseDaemonCommand(line: string): DaemonCommand {
  const all = line.trim().split(/\s+/);
  const options = new Map<string, string>();
  const places = all.filter((word) => {
    const [name = '', value] = word.split('=', 2);
    if (value !== undefined) options.set(name, value);
    return value === undefined;
  });
  const command = read(places, options);
  if (command === undefined || options.size > 0) {
    throw new CommandError(`"${line}" is not a command: expected ${expected}`);
  }
  return command;
}

/** Takes from `options` what it uses; what is left is unknown. */
function read(places: readonly string[], options: Map<string, string>): DaemonCommand | undefined {
  const [verb = '', first = '', second = '', last] = places;
  if (verb === 'deliver' && first.startsWith('tag')) {
    if (places.length > 4 || (last !== undefined && last !== '&')) return undefined;
    return readDeliver(first, second, options, last === '&');
  }
  if (places.length !== (['reset', 'start', 'stop'].includes(verb) ? 1 : 2)) return undefined;
  if (verb === 'reset' || verb === 'start' || verb === 'stop') return { do: verb };
  if (verb === 'deliver') return first === 'quit' ? { do: 'quit' } : undefined;
  if (verb === 'raw') {
    const way = readWay(first, rawWays);
    return way && { do: 'raw', ...way };
  }
  return verb === 'key' ? readKey(first, options) : undefined;
}

function readKey(first: string, options: Map<string, string>): DaemonCommand | undefined {
  const key = named('k', first);
  const name = take(options, 'module');
  const module = name === undefined ? undefined : decoded(name);
  if (name !== undefined && module === undefined) return undefined;
  const words = { flaw: take(options, 'flaw'), file: take(options, 'file') };
  const phrase = take(options, 'phrase');
  const flaw = tokenFlaws.find((one) => one === words.flaw);
  const file = keyPlaces.find((one) => one === words.file);
  if (words.flaw !== flaw || words.file !== file || key === undefined) return undefined;
  if (phrase !== undefined && !Object.hasOwn(passphrases, phrase)) return undefined;
  return {
    do: 'key',
    key,
    ...(module === undefined ? {} : { module }),
    ...(flaw === undefined ? {} : { flaw }),
    ...(file === undefined ? {} : { file }),
    // The line above proves the name.
    ...(phrase === undefined ? {} : { phrase: phrase as PassphraseName }),
  };
}

/** The words of a request that have a number, and what they are called here. */
const numberMembers = {
  bytes: 'bytes',
  cipher: 'cipher',
  index: 'index',
  seq: 'sequence',
  same: 'same',
} as const;
type NumberMember = (typeof numberMembers)[keyof typeof numberMembers];

function readDeliver(
  first: string,
  second: string,
  options: Map<string, string>,
  atOnce: boolean,
): DaemonCommand | undefined {
  const [tag, key] = [named('tag', first), named('k', second)];
  const numbers: { -readonly [K in NumberMember]?: number } = {};
  for (const [name, member] of Object.entries(numberMembers)) {
    const text = take(options, name);
    if (text === undefined) continue;
    const value = number(text);
    if (value === undefined) return undefined;
    numbers[member] = value;
  }
  const text = take(options, 'flaw');
  const flaw = text === undefined ? undefined : readWay(text, requestFlaws);
  if (tag === undefined || key === undefined || tag > 255) return undefined;
  if (text !== undefined && flaw === undefined) return undefined;
  return {
    do: 'deliver',
    tag,
    key,
    ...numbers,
    ...(flaw === undefined ? {} : { flaw }),
    ...(atOnce ? { atOnce: true } : {}),
  };
}

function readWay<N extends string>(
  text: string,
  ways: Readonly<Record<N, 'number' | 'none'>>,
): { name: N; by: number } | undefined {
  const [word = '', by, ...more] = text.split(':');
  if (!Object.hasOwn(ways, word) || more.length > 0) return undefined;
  // The line above proves the name.
  const name = word as N;
  if (ways[name] === 'none') return by === undefined ? { name, by: 0 } : undefined;
  const value = number(by ?? '');
  return value === undefined ? undefined : { name, by: value };
}

/** A word as it was before it was written as in an address; undefined where it never was. */
function decoded(word: string): string | undefined {
  try {
    return decodeURIComponent(word);
  } catch {
    return undefined;
  }
}

function take(options: Map<string, string>, name: string): string | undefined {
  const value = options.get(name);
  options.delete(name);
  return value;
}

function named(letters: string, word: string): number | undefined {
  return word.startsWith(letters) ? number(word.slice(letters.length)) : undefined;
}

function number(text: string): number | undefined {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value < 2 ** 32 ? value : undefined;
}
