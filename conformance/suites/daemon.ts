import type { RequirementId } from '../../model/index.js';
import { keyPlaces, passphrases, tokenFlaws } from '../daemon/command.js';
import { daemonConversations } from '../daemon/draws.js';
import { keysMax } from '../daemon/token.js';
import { both, bothTags, numbers, ready, script, setup } from './daemon-lines.js';
import type { Lines } from './daemon-lines.js';
import { wrongCases } from './daemon-wrong.js';
import type { Case, Suite } from './suite.js';
import { suiteOf } from './suite.js';

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
  return suiteOf({
    name: 'daemon',
    plays: 'daemon',
    description:
      'for role daemon: Tag 64 to 67, registration and end, malformed requests and bytes',
    parts: { 'daemon/': () => [...scripts(), ...randoms()] },
  });
}

function scripts(): Case[] {
  return [...life(), ...served(), ...contents(), ...keys(), ...tokens(), ...wrongCases()];
}

/** Registration and end. */
function life(): Case[] {
  const stranger = 'deliver tag64 k1';
  return [
    script('life/start', ['DMN-1', 'DMN-13'], ['start']),
    script('life/stop', ['DMN-2', 'DMN-3'], ['start', 'stop']),
    script('life/quit', ['DMN-4', 'DMN-5'], ['start', 'deliver quit']),
    script('life/after-stop', ['DMN-6'], ['start', 'stop', stranger, 'deliver quit']),
    script(
      'life/after-quit',
      ['DMN-6'],
      [...ready, 'deliver quit', stranger, 'key k2', 'deliver quit'],
    ),
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
    script(
      'life/fresh-token',
      ['DMN-17', 'DMN-26'],
      [...ready, ...ask(1), 'reset', 'key k1 flaw=other-passphrase', 'start', ...ask(1)],
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
    script('served/thousand', ['DMN-7', 'DMN-19'], [...ready, 'key k2 flaw=no-file', ...thousand]),
    script('served/many', ['DMN-7', 'DMN-25'], [...ready, ...each('bytes', numbers(1, 60))]),
    script(
      'served/at-once',
      ['DMN-7', 'DMN-8', 'DMN-9'],
      [...ready, ...each('bytes', numbers(8, 27), ' &')],
    ),
  ];
  return cases;
}

/** Requests whose bytes are of a kind that is easily lost: the same again, and zeros. */
function contents(): Case[] {
  const rules = ['DMN-10', 'DMN-11'] as const;
  return [
    script(
      'served/same',
      ['DMN-7', 'DMN-8', 'DMN-9', ...rules],
      [
        ...ready,
        ...bothTags((tag) => [0, 0, 0, 1, 0].map((nth) => `deliver tag${tag} k1 same=${nth}`)),
      ],
    ),
    script(
      'served/zeros',
      ['DMN-12', ...rules],
      [
        ...ready,
        ...bothTags((tag) =>
          ['bytes=0 cipher=0', 'bytes=1 cipher=0 same=203', 'bytes=1 same=203'].map(
            (zeros) => `deliver tag${tag} k1 ${zeros}`,
          ),
        ),
      ],
    ),
    script('served/leading-zero', ['DMN-10'], [...ready, ...leadingZeros]),
  ];
}

/** More requests than there are descriptors, most of which cannot be served. */
const thousand: Lines = numbers(1, 1100).map((nth) =>
  nth % 5 === 0
    ? 'deliver tag64 k1'
    : `deliver tag${nth % 2 === 0 ? 64 : 66} k${nth % 3 === 0 ? 2 : 3}`,
);

/** Requests whose encrypted keys begin with a byte that is 0, as one in 256 does. */
export const leadingZeros: Lines = [182, 518, 880].map((nth) => `deliver tag64 k1 same=${nth}`);

const ask = (key: number, more = '') => bothTags((tag) => [`deliver tag${tag} k${key}${more}`]);

/** Which key serves a request. */
function keys(): Case[] {
  const all = numbers(1, keysMax);
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
      [
        ...ready,
        ...['other-digit', 'digit-swap', 'digit-high', 'digit-nul'].flatMap((name) =>
          numbers(0, 15).flatMap((nth) => ask(1, ` flaw=${name}:${nth}`)),
        ),
      ],
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
    'an-openssl',
    '%20openssl',
    'openssl%20',
    '',
  ];
  const lies = [
    ...keyPlaces.map((place) => `file=${place}`),
    ...Object.keys(passphrases).map((name) => `phrase=${name}`),
  ];
  return [
    ...lies.map((where) =>
      script(
        `keys/${where.replace('=', '-')}`,
        ['DMN-10', 'DMN-17'],
        [`key k1 ${where}`, 'start', ...ask(1)],
      ),
    ),
    ...modules.map((module) =>
      script(
        `keys/module-${module}`,
        ['DMN-16'],
        [`key k1 module=${module}`, 'key k2', 'start', ...ask(1), ...ask(2)],
      ),
    ),
    ...tokenFlaws.map(
      (flaw) =>
      script(`keys/${flaw}`, ['DMN-17', 'DMN-19'], [
        'key k1', `key k2 flaw=${flaw}`, 'start', ...ask(2), ...ask(1), ...ask(2),
      ]), // prettier-ignore
    ),
    script('keys/only-bad', ['DMN-17'], [`key k1 flaw=no-file`, 'start', ...ask(1), ...ask(1)]),
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
