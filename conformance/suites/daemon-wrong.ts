import type { RequirementId } from '../../model/index.js';
import { both, bothTags, numbers, ready, script } from './daemon-lines.js';
import type { Lines } from './daemon-lines.js';
import type { Case } from './suite.js';

/**
 * Of suite `daemon`, what is wrong: requests, contents, tags and bytes. Messages of more than a kibibyte are
 * in cases of their own: there are daemons that no longer one reaches.
 */

/** Every case of it. */
export function wrongCases(): Case[] {
  return [...malformed(), ...strangeTags(), ...damaged(), ...datagrams()];
}

/** Requests whose fields are not of their length: each way alone, and a good one after it. */
function malformed(): Case[] {
  const good = (tag: number) => `deliver tag${tag} k1`;
  const ways = (
    name: string,
    all: readonly number[],
    rules: readonly RequirementId[] = ['DMN-7', 'DMN-18', 'DMN-19'],
    id = name,
  ) =>
    both.map((tag) =>
      script(`malformed/tag${tag}/${id}`, rules, [
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
    ...ways('five-bytes-longer', [1, 2 ** 8, 2 ** 16, 2 ** 24, 2 ** 31, 2 ** 32 - 256]),
    ...ways('more', [1, 2, 3, 64, 255], ['DMN-20']),
    ...ways('body', [600, 900], ['DMN-14', 'DMN-19']),
    ...ways('body', [1000, 1024, 1025, 2048, 4000], ['DMN-14', 'DMN-19'], 'body-of-4000'),
    ...ways('more', [60_000], ['DMN-19', 'DMN-20'], 'more-of-60000'),
    ...ways('body', [8000, 8383], ['DMN-14', 'DMN-19'], 'body-of-8000'),
    ...both.map(
      (tag) =>
      script(`malformed/tag${tag}/five-bytes`, ['DMN-20', 'DMN-19'], [
        ...ready, good(tag), `deliver tag${tag} k1 flaw=five-bytes`, good(tag),
      ]), // prettier-ignore
    ),
    ...longLengths(),
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

/** Bodies whose length does not fit a byte, as it is and in other forms. */
function longLengths(): Case[] {
  const rules: readonly RequirementId[] = ['DMN-18', 'DMN-19'];
  const only = (id: string, more: readonly RequirementId[], lines: Lines) =>
    script(
      `malformed/two-bytes/${id}`,
      [...rules, ...more],
      ['key k3', 'key k4', 'start', ...lines],
    );
  const good = 'deliver tag64 k3';
  return [
    only(
      'cut',
      ['DMN-7'],
      [19, 20, 21, 147, 275].flatMap((by) => [`${good} flaw=cut:${by}`, good]),
    ),
    only(
      'five-bytes',
      ['DMN-20'],
      [273, 300].flatMap((size) => [`deliver tag66 k4 bytes=${size} flaw=five-bytes`, good]),
    ),
    only(
      'length-code',
      ['DMN-27'],
      [224, 230, 254].flatMap((by) => [`deliver tag66 k4 bytes=300 flaw=length-code:${by}`, good]),
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
          `deliver tag${tag} k1 flaw=encrypted`,
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

/** Requests whose encrypted keys end in a byte that is 0: it must be there, not taken for granted. */
export const endsInZero = [353, 701, 825] as const;

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
    only(
      'end',
      ['DMN-14'],
      [1, 2, 16, 128, 300]
        .flatMap((by) => [decrypt(`tail:${by}`), decrypt(`head:${by}`)])
        .concat([1, 2, 16, 127].map((by) => decrypt(`lacks:${by}`)))
        .concat(endsInZero.map((nth) => `deliver tag64 k1 same=${nth} flaw=lacks:1`)),
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

/** Raw bytes. */
function datagrams(): Case[] {
  return [
    bytesOnly('empty', ['DMN-23'], ['empty', 'empty']),
    bytesOnly('header', ['DMN-23'], each('header', numbers(1, 15))),
    bytesOnly('too-short', ['DMN-23'], each('too-short', [1, 4, 255, 4096])),
    bytesOnly('bare', ['DMN-23'], ['bare']),
    bytesOnly(
      'data-too-short',
      ['DMN-23'],
      each('data-too-short', [1, 2, 512, 2 ** 31, 2 ** 32 - 8]),
    ),
    bytesOnly(
      'too-long',
      ['DMN-23'],
      [
        ...numbers(1, 3).flatMap((by) => [`padded:${by}`, `data-too-long:${by}`, `too-long:${by}`]),
        // Lengths of 16, 15, 1 and 0 on netlink, and of 0 on the device.
        ...each('too-long', [46, 47, 61, 62]),
        'padded:512',
        'data-too-long:38',
      ],
    ),
    bytesOnly('noise', ['DMN-23'], each('noise', [1, 6, 17, 24, 64, 531, 532])),
    bytesOnly('noise-of-4000', ['DMN-23'], each('noise', [1024, 1025, 4000])),
    bytesOnly('noise-of-65000', ['DMN-23'], each('noise', [16_384, 65_000])),
    bytesOnly('large', ['DMN-7', 'DMN-14'], each('large', [600, 900])),
    bytesOnly('large-of-8000', ['DMN-7', 'DMN-14'], each('large', [1025, 4096, 8000])),
    bytesOnly('helo', ['DMN-24'], ['helo', 'helo']),
    bytesOnly('response', ['DMN-24'], ['response', 'response']),
    bytesOnly('types', ['DMN-24'], each('type', [0, 1, 3, 99, 104, 255])),
    bytesOnly('types-16-bits', ['DMN-24'], each('type', [356, 357, 358, 0x6500, 0x6600, 0xffff])),
    bytesOnly(
      'requests',
      ['DMN-7', 'DMN-8', 'DMN-9', 'DMN-11'],
      each('request', [0, 11, 1, 65_536, 2 ** 32 - 1]),
    ),
    bytesOnly('forty', ['DMN-23'], each('noise', numbers(17, 56))),
    script('raw/in-a-row', ['DMN-19'], [
      ...ready, 'raw empty', 'raw bare', 'raw noise:40', 'raw header:4', 'raw type:9', served,
    ]), // prettier-ignore
    script('raw/quit', ['DMN-4'], [...ready, served, 'raw quit', served]),
  ];
}

const served = 'deliver tag66 k1';

const each = (way: string, all: readonly number[]): Lines => all.map((by) => `${way}:${by}`);

/** A daemon may give up after eight failures to read in a row, so what is served is between them. */
function bytesOnly(id: string, rules: readonly RequirementId[], ways: Lines): Case {
  const lines = ways.flatMap((way) => [`raw ${way}`, served]);
  return script(`raw/${id}`, ['DMN-19', ...rules], [...ready, served, ...lines]);
}
