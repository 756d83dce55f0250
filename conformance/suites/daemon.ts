import type { RequirementId } from '../../model/index.js';
import { needsOf, parseDaemonCommand } from '../daemon/command.js';
import { daemonConversations } from '../daemon/draws.js';
import type { Case, Suite } from './suite.js';

/**
 * Suite `daemon`: what a daemon answers, for implementations that play this role.
 *
 * Reason. A daemon is small: it says that it is there, serves one request after the other, and goes.
 * What goes wrong is in the bytes: lengths, numbers, which key. So each field of a request is cut, said to
 * be longer or shorter, or made to name another thing, one at a time; each length at which a format
 * changes is tried; and after everything that is wrong a request that is right must be served, which
 * every case ends with. Draws mix all this with restarts, so that what is left behind shows.
 */
export function daemonSuite(): Suite {
  return {
    name: 'daemon',
    plays: 'daemon',
    description: 'of role daemon: Tag 64 to 67, registration and end, malformed requests and bytes',
    cases: () => [...scripts(), ...randoms()],
  };
}

type Lines = readonly string[];
const both = [64, 66] as const;
const bothTags = (line: (tag: number) => Lines): Lines => both.flatMap((tag) => line(tag));
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, nth) => from + nth);

const setup = { contexts: 1, users: 1, processes: 1, manualWake: false } as const;

function script(id: string, requirements: readonly RequirementId[], lines: Lines): Case {
  const commands = lines.map((line) => parseDaemonCommand(line));
  const needs = needsOf(commands);
  return { kind: 'daemon', id: `daemon/${id}`, setup, needs, requirements, talk: { commands } };
}

const ready: Lines = ['key k1', 'start'];

function scripts(): Case[] {
  const wrong = [...malformed(), ...strangeTags(), ...damaged(), ...datagrams()];
  return [...life(), ...served(), ...keys(), ...tokens(), ...wrong];
}

/** Registration and end. */
function life(): Case[] {
  const stranger = 'deliver tag64 k1';
  return [
    script('life/start', ['DMN-1', 'DMN-13'], ['start']),
    script('life/stop', ['DMN-2', 'DMN-3'], ['start', 'stop']),
    script('life/quit', ['DMN-4', 'DMN-5'], ['start', 'deliver quit']),
    script('life/after-stop', ['DMN-6'], ['start', 'stop', stranger]),
    script('life/after-quit', ['DMN-6'], [...ready, 'deliver quit', stranger, 'key k2']),
    script('life/quit-after-requests', ['DMN-4'], [...ready, stranger, stranger, 'deliver quit']),
    script('life/again', ['DMN-1'], ['start', 'stop', 'start', stranger, 'deliver quit', 'start']),
    script(
      'life/keyring-stays',
      ['DMN-10'],
      [...ready, stranger, 'stop', 'start', stranger, 'deliver quit', 'start', stranger],
    ),
    script('life/fresh', ['DMN-26'], [...ready, stranger, 'reset', 'start', stranger]),
    script(
      'life/fresh-key',
      ['DMN-26'],
      ['key k1', 'key k2', 'reset', 'key k2', 'start', stranger],
    ),
    script('life/idle-key', ['DMN-25'], ['start', 'key k1', 'key k2', stranger]),
  ];
}

/** Requests that are served: sizes, bytes, numbers, many of them. */
function served(): Case[] {
  const sizes = [0, 1, 8, 15, 16, 24, 31, 32, 33, 56, 60, 61];
  const ciphers = [0, 2, 3, 4, 7, 8, 9, 10, 11, 127, 128, 255];
  const words = [0, 1, 2 ** 15, 2 ** 16 - 1, 2 ** 16, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
  const indices = [...words, 31, 32, 255, 256];
  const each = (name: string, all: readonly number[], more = '') =>
    all.flatMap((value) => both.map((tag) => `deliver tag${tag} k1 ${name}=${value}${more}`));
  const rules = ['DMN-10', 'DMN-11'] as const;
  const cases = [
    ...sizes.map((size): Case =>
      script(`served/bytes-${size}`, size === 0 ? ['DMN-12'] : rules, [
        ...ready,
        ...each('bytes', [size]),
      ]),
    ),
    script('served/ciphers', ['DMN-12', ...rules], [...ready, ...each('cipher', ciphers)]),
    script('served/all-bytes', rules, [...ready, ...each('bytes', numbers(40, 61))]),
    script('served/index', ['DMN-8'], [...ready, ...each('index', indices)]),
    script('served/seq', ['DMN-7', 'DMN-9'], [...ready, ...each('seq', words)]),
    script(
      'served/swapped',
      ['DMN-8', 'DMN-9'],
      [
        ...ready,
        'deliver tag64 k1 index=1 seq=2',
        'deliver tag66 k1 index=2 seq=1',
        'deliver tag64 k1 index=1 seq=1',
      ],
    ),
    script('served/above-64', ['DMN-27'], [...ready, ...each('bytes', [62, 63, 64, 80, 83])]),
    script('served/many', ['DMN-7', 'DMN-25'], [...ready, ...each('bytes', numbers(1, 60))]),
    script(
      'served/at-once',
      ['DMN-7', 'DMN-8', 'DMN-9'],
      [...ready, ...each('bytes', numbers(8, 27), ' &')],
    ),
  ];
  return cases;
}

const ask = (key: number, more = '') => bothTags((tag) => [`deliver tag${tag} k${key}${more}`]);

/** Which key serves a request. */
function keys(): Case[] {
  const all = [1, 2, 3, 4];
  const everyKey = all.map((key) => `key k${key}`);
  return [
    script('keys/unknown', ['DMN-13'], ['start', ...ask(1), 'key k2', ...ask(1), ...ask(2)]),
    script(
      'keys/unknown-at-once',
      ['DMN-13'],
      [...ready, ...numbers(1, 8).flatMap(() => ['deliver tag64 k2 &', 'deliver tag66 k1 &'])],
    ),
    ...all.map((key) =>
      script(
        `keys/k${key}`,
        ['DMN-10', 'DMN-11'],
        [`key k${key}`, 'start', ...ask(key), ...ask(key, ' bytes=61')],
      ),
    ),
    script('keys/several', ['DMN-15'], [...everyKey, 'start', ...all.flatMap((key) => ask(key))]),
    script(
      'keys/in-turn',
      ['DMN-15'],
      [
        'start',
        ...all.toReversed().flatMap((key) => [`key k${key}`, ...all.flatMap((one) => ask(one))]),
      ],
    ),
    script(
      'keys/foreign',
      ['DMN-15'],
      [
        ...everyKey,
        'start',
        ...all.flatMap((key) => all.map((other) => `deliver tag64 k${key} flaw=foreign:${other}`)),
      ],
    ),
    script(
      'keys/signature',
      ['DMN-15'],
      [...ready, ...numbers(0, 15).flatMap((nth) => ask(1, ` flaw=other-digit:${nth}`))],
    ),
  ];
}

/** Which module a token has, and what it takes to open its key. */
function tokens(): Case[] {
  const modules = [
    'openssl2',
    'opens',
    'o',
    'openss',
    'Openssl',
    'openssl-',
    'pkcs11-helper',
    'none',
  ];
  const flaws = ['no-file', 'other-passphrase', 'cut-token', 'long-path'];
  return [
    ...modules.map((module) =>
      script(
        `keys/module-${module}`,
        ['DMN-16'],
        [`key k1 module=${module}`, 'key k2', 'start', ...ask(1), ...ask(2)],
      ),
    ),
    ...flaws.map(
      (flaw) =>
      script(`keys/${flaw}`, ['DMN-17', 'DMN-19'], [
        'key k1', `key k2 flaw=${flaw}`, 'start', ...ask(2), ...ask(1), ...ask(2),
      ]), // prettier-ignore
    ),
    script('keys/only-bad', ['DMN-17'], [`key k1 flaw=no-file`, 'start', ...ask(1), ...ask(1)]),
  ];
}

/** Requests whose fields are not of their length: each way alone, and a good one after it. */
function malformed(): Case[] {
  const good = (tag: number) => `deliver tag${tag} k1`;
  const ways = (
    name: string,
    all: readonly number[],
    rules: readonly RequirementId[] = ['DMN-7', 'DMN-18', 'DMN-19'],
  ) =>
    both.map((tag) =>
      script(`malformed/tag${tag}/${name}`, rules, [
        ...ready,
        good(tag),
        ...all.flatMap((by) => [`deliver tag${tag} k1 flaw=${name}:${by}`, good(tag)]),
      ]),
    );
  return [
    ...ways('cut', [0, 1, 2, 3, 9, 17, 18, 19, 20, 21, 27, 36, 38, 100, 146]),
    ...ways('digits', [0, 1, 8, 15, 17, 32, 100, 191]),
    ...ways('digits-said', [0, 1, 15, 17, 33, 127, 191, 192, 223, 224, 254, 255]),
    ...ways('longer', [1, 2, 16, 63, 64, 172, 400, 512, 4096, 8192]),
    ...ways('shorter', [1, 2, 3, 16], ['DMN-14', 'DMN-19', 'DMN-20']),
    ...ways('length-code', [224, 225, 240, 253, 254]),
    ...ways('more', [1, 2, 3, 64, 255], ['DMN-20']),
    ...both.map(
      (tag) =>
      script(`malformed/tag${tag}/five-bytes`, ['DMN-20', 'DMN-19'], [
        ...ready, good(tag), `deliver tag${tag} k1 flaw=five-bytes`, good(tag),
      ]), // prettier-ignore
    ),
    ...both.map((tag) =>
      script(
        `malformed/tag${tag}/unknown-key`,
        ['DMN-13', 'DMN-18'],
        [
          ...ready,
          ...[1, 2, 17, 18, 19, 30].map((by) => `deliver tag${tag} k2 flaw=cut:${by}`),
          `deliver tag${tag} k2 flaw=longer:9`,
          good(tag),
        ],
      ),
    ),
  ];
}

/** Requests of a tag to which no reply belongs. */
function strangeTags(): Case[] {
  return [
    script(
      'malformed/tags',
      ['DMN-21', 'DMN-19'],
      [
        ...ready,
        ...[0, 1, 2, 3, 11, 63, 65, 67, 68, 70, 72, 127, 128, 192, 194, 255].flatMap((tag) => [
          `deliver tag${tag} k1`,
          'deliver tag66 k1',
        ]),
      ],
    ),
    script(
      'malformed/tags-cut',
      ['DMN-21'],
      [
        ...ready,
        ...[0, 65, 67, 255].flatMap((tag) =>
          [1, 2, 9].map((by) => `deliver tag${tag} k1 flaw=cut:${by}`),
        ),
        'deliver tag64 k1',
      ],
    ),
  ];
}

/** Bytes that cannot be decrypted, or cannot be encrypted; and contents of no meaning. */
function damaged(): Case[] {
  const start = [...ready, 'key k2'];
  const only = (id: string, rules: readonly RequirementId[], lines: Lines) =>
    script(
      `damaged/${id}`,
      ['DMN-19', ...rules],
      [...start, ...lines.flatMap((line) => [line, 'deliver tag64 k1', 'deliver tag66 k1'])],
    );
  const decrypt = (flaw: string) => `deliver tag64 k1 flaw=${flaw}`;
  return [
    only(
      'bits',
      ['DMN-14'],
      [0, 7, 8, 511, 512, 1016, 1023].map((bit) => decrypt(`flip:${bit}`)),
    ),
    only(
      'body',
      ['DMN-14'],
      [0, 1, 16, 64, 127, 128, 129, 191, 192, 256, 512, 513].map((by) => decrypt(`body:${by}`)),
    ),
    only('padding', ['DMN-14'], [decrypt('pkcs1'), decrypt('oaep-sha256')]),
    only('other-key', ['DMN-15'], [decrypt('foreign:2'), decrypt('foreign:3')]),
    only(
      'no-room',
      ['DMN-14'],
      [84, 85, 125, 126, 188, 189, 190, 509].map((by) => `deliver tag66 k1 bytes=${by}`),
    ),
    only(
      'checksum',
      ['DMN-12'],
      bothTags((tag) => [`deliver tag${tag} k1 flaw=checksum`]),
    ),
    only(
      'content',
      ['DMN-12'],
      bothTags((tag) => [0, 1, 2, 3, 64].map((by) => `deliver tag${tag} k1 flaw=content:${by}`)),
    ),
  ];
}

/** Raw bytes; a daemon may give up after eight failures to read in a row, so some are good between. */
function datagrams(): Case[] {
  const good = 'deliver tag66 k1';
  const only = (id: string, rules: readonly RequirementId[], ways: Lines) =>
    script(
      `raw/${id}`,
      ['DMN-19', ...rules],
      [...ready, good, ...ways.flatMap((way) => [`raw ${way}`, good])],
    );
  return [
    only('empty', ['DMN-23'], ['empty', 'empty']),
    only(
      'header',
      ['DMN-23'],
      numbers(1, 15).map((by) => `header:${by}`),
    ),
    only(
      'too-short',
      ['DMN-23'],
      [1, 4, 255, 4096].map((by) => `too-short:${by}`),
    ),
    only('bare', ['DMN-23'], ['bare']),
    only(
      'data-too-short',
      ['DMN-23'],
      [1, 2, 512, 2 ** 31, 2 ** 32 - 8].map((by) => `data-too-short:${by}`),
    ),
    only(
      'noise',
      ['DMN-23'],
      [1, 6, 17, 24, 64, 531, 532, 1024, 1025, 4000].map((by) => `noise:${by}`),
    ),
    only('helo', ['DMN-24'], ['helo', 'helo']),
    only('response', ['DMN-24'], ['response', 'response']),
    only(
      'types',
      ['DMN-24'],
      [0, 1, 3, 99, 104, 255].map((by) => `type:${by}`),
    ),
    script('raw/in-a-row', ['DMN-19'], [
      ...ready, 'raw empty', 'raw bare', 'raw noise:40', 'raw header:4', 'raw type:9', good,
    ]), // prettier-ignore
    script('raw/quit', ['DMN-4'], [...ready, good, 'raw quit', good]),
  ];
}

/** Conversations that are drawn: requests of every kind, tokens and ends; with raw bytes and without. */
function randoms(): Case[] {
  const rules: readonly RequirementId[] = [
    'DMN-1', 'DMN-2', 'DMN-7', 'DMN-8', 'DMN-9', 'DMN-10', 'DMN-11', 'DMN-13', 'DMN-14', 'DMN-15',
    'DMN-18', 'DMN-19', 'DMN-22',
  ]; // prettier-ignore
  const one = (name: string, needs: readonly string[], more: readonly RequirementId[]): Case => ({
    kind: 'daemon',
    id: `daemon/random/${name}`,
    setup,
    needs,
    requirements: [...rules, ...more],
    talk: { conversations: daemonConversations(needs.includes('raw')), share: 1 },
  });
  return [one('requests', ['files'], []), one('datagrams', ['files', 'raw'], ['DMN-23', 'DMN-24'])];
}
