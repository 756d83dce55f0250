import type { RequirementId } from '../../model/index.js';

/**
 * The bytes of suite `wire`, family by family: in which ways a message can be wrong, or right and odd.
 *
 * A row is some bytes that are tried together, in the words of the command `raw`; R is the request that
 * they are about. d1 is the daemon, d2 another process of its user.
 */

/** Ways of one kind in which bytes are wrong. */
export interface Family {
  readonly name: string;
  readonly rules: readonly RequirementId[];
  /** The bytes of each case; of an odd family its whole conversation. */
  readonly rows: Readonly<Record<string, readonly string[]>>;
  /** Whether the bytes are well-formed, so that they count. */
  readonly isOdd?: true;
}

/** The families of a framing, those of which a case is short and telling first. */
export function familiesOf(framing: 'netlink' | 'device'): readonly Family[] {
  return framing === 'netlink' ? netlink() : device();
}

const netlinkBytes = 28;
const deviceBytes = 18;
const bodyBytes = 12;

const upTo = (last: number, from = 1) =>
  Array.from({ length: last - from + 1 }, (_, nth) => from + nth);
const rowsOf = <T>(all: readonly T[], row: (one: T) => readonly [string, readonly string[]]) =>
  Object.fromEntries(all.map(row));
const padded = (number: number) => String(number).padStart(3, '0');

/** The last bytes are missing, though the head states them; HELO is by a process that may say it. */
function cut(bytes: number, other: string): Family['rows'] {
  return {
    ...rowsOf(upTo(bytes), (by) => [`minus-${padded(by)}`, [`u1.d1 response R size=-${by}`]]),
    helo: upTo(16).map((by) => `${other} helo size=-${by}`),
    quit: upTo(16).map((by) => `u1.d1 quit size=-${by}`),
  };
}

const short = rowsOf(upTo(bodyBytes), (by) => [
  `minus-${padded(by)}`,
  [`u1.d1 response R size=-${by} length=-${by}`],
]);

/** Bytes too many: the head does not state them, or it does. */
const long = rowsOf(upTo(8), (by) => [
  `plus-${by}`,
  [`u1.d1 response R size=+${by}`, `u1.d1 response R size=+${by} length=+${by}`],
]);

/** 0, 2^31 and 2^32 - 1 among them, and what wraps to the right sum with the 8 bytes before the data. */
const data = rowsOf([-1, 1, -4, 256, 65_536, 2 ** 31 - 4, 2 ** 31, -5, -8, -12, -28], (by) => [
  `${by < 0 ? 'minus' : 'plus'}-${Math.abs(by)}`,
  [`u1.d1 response R data=${by < 0 ? by : `+${by}`}`],
]);

/** Every type that has a byte, those of HELO, QUIT and RESPONSE aside, bare and with a body. */
function types(other: string): Family['rows'] {
  const known = [100, 101, 103];
  return rowsOf(upTo(15, 0), (sixteenth) => {
    const some = upTo(sixteenth * 16 + 15, sixteenth * 16).filter((one) => !known.includes(one));
    return [
      `of-${padded(sixteenth * 16)}`,
      some.flatMap((type) => [`${other} ${type}`, `u1.d1 ${type} R`]),
    ];
  });
}

const netlinkLengths = [
  ...[-28, -27, -13, 1, 4, 2 ** 31 - 28, -29],
  // The right length, to who keeps fewer bits of it.
  ...[2 ** 8, 2 ** 16, 2 ** 24, 2 ** 31],
];
/** Types that are right, to who keeps fewer bits of them. */
const bitTypes = upTo(15, 8).flatMap((bit) => [100, 101, 103].map((type) => type + 2 ** bit));

function netlink(): readonly Family[] {
  return [
    { name: 'cut', rules: ['WIR-1'], rows: cut(netlinkBytes, 'u1.d2') },
    { name: 'short', rules: ['WIR-2'], rows: short },
    { name: 'long', rules: ['WIR-2'], rows: long },
    { name: 'data', rules: ['WIR-2'], rows: data },
    {
      name: 'length',
      rules: ['WIR-1'],
      rows: {
        ...rowsOf(netlinkLengths, (by) => [
          `${by < 0 ? 'minus' : 'plus'}-${Math.abs(by)}`,
          [`u1.d1 response R length=${by < 0 ? by : `+${by}`}`],
        ]),
        helo: [-16, -15, -1, '+1', '+256', -17].map((by) => `u1.d2 helo length=${by}`),
        quit: [-16, -15, -1, '+1', '+256', -17].map((by) => `u1.d1 quit length=${by}`),
      },
    },
    {
      name: 'type',
      rules: ['WIR-3'],
      rows: {
        ...rowsOf([359, 0x6700, 0x1067, 0xff67, 356, 357, 358, 0x6400, 0x6500, 0xffff], (type) => [
          String(type),
          [`u1.d1 ${type} R`, `u1.d2 ${type}`, `u1.d1 ${type}`],
        ]),
        echo: ['u1.d1 request R', 'u1.d2 request R', 'u1.d1 request'],
        bits: bitTypes.flatMap((type) => [`u1.d1 ${type} R`, `u1.d2 ${type}`]),
        ...types('u1.d2'),
      },
    },
    {
      name: 'order',
      rules: ['WIR-1'],
      rows: {
        response: ['u1.d1 response R order=other', 'u1.d1 response R bytes=0 order=other'],
        helo: ['u1.d2 helo order=other'],
        quit: ['u1.d1 quit order=other'],
      },
    },
    { name: 'odd', rules: ['WIR-5', 'WIR-6'], rows: { ...odd(), ...oddNetlink }, isOdd: true },
    { name: 'sender', rules: ['WIR-4'], rows: senders, isOdd: true },
  ];
}

const ready = ['helo u1.d1', 'request r1 u1'];
const goodReply = 'reply u1.d1 r1';

/** The header names somebody else: the daemon by a stranger, a stranger by the daemon. */
const senders: Family['rows'] = {
  'response-by-process': [...ready, 'helo u2.d1', 'raw u1.d2 response r1 as=u1.d1', goodReply],
  'response-by-user': [...ready, 'raw u2.d1 response r1 as=u1.d1', goodReply],
  'response-by-daemon': [
    ...['helo u1.d2', ...ready, 'raw u1.d1 response r1 as=u1.d2'],
    ...['request r2 u1', 'reply u1.d1 r2'],
  ],
  helo: [...ready, 'quit u1.d2', 'raw u1.d1 helo as=u1.d2', 'request r2 u1', 'reply u1.d1 r2'],
  'helo-of-another': [...ready, 'raw u1.d2 helo as=u1.d1', 'reply u1.d2 r1', goodReply],
  quit: [
    ...ready,
    'raw u1.d2 quit as=u1.d1',
    'raw u2.d1 quit as=u1.d1',
    'request r2 u1',
    goodReply,
  ],
  'quit-by-daemon': [...ready, 'quit u1.d2', 'raw u1.d1 quit as=u1.d2', goodReply, 'request r2 u1'],
};

/** Well-formed responses: lengths at which formats change, numbers that are wrong or odd. */
function odd(): Family['rows'] {
  const lengths = [0, 1, 3, 4, 5, 183, 184, 247, 248, 255, 256, 511, 512, 513, 516];
  const numbers = ['seq=r1+1', 'seq=r1.swapped', 'seq=0', 'seq=r1-16777216'];
  const places = ['unused', 'outside', 'last', 'r1+256', 'r1+16777216', 'r1-2147483648'];
  return {
    ...rowsOf(lengths, (bytes) => [
      `bytes-${padded(bytes)}`,
      [
        ...ready,
        `raw u1.d1 response r1 bytes=${bytes}`,
        goodReply,
        'request r2 u1',
        'reply u1.d1 r2',
      ],
    ]),
    'every-length': [
      'helo u1.d1',
      ...upTo(516, 0).flatMap((bytes) => [
        `request r${bytes + 1} u1`,
        `raw u1.d1 response r${bytes + 1} bytes=${bytes}`,
      ]),
    ],
    numbers: [...ready, ...numbers.map((one) => `raw u1.d1 response r1 ${one}`), goodReply],
    places: [...ready, ...places.map((one) => `raw u1.d1 response ${one} seq=r1`), goodReply],
    twice: [
      ...ready,
      'raw u1.d1 response r1',
      'raw u1.d1 response r1',
      'request r2 u1',
      'raw u1.d1 response r1',
      'reply u1.d1 r2',
    ],
    late: [
      ...ready,
      'advance r1',
      'raw u1.d1 response r1',
      'request r2 u1',
      'raw u1.d1 response r1',
      'raw u1.d1 response r2',
    ],
  };
}

const replaced = ['request r2 u1', 'reply u1.d2 r1', 'raw u1.d2 response r2'];
const gone = [goodReply, 'request r2 u1', 'helo u1.d1'];

/** HELO and QUIT with what means nothing; a length that states less than came. */
const oddNetlink: Family['rows'] = {
  ...rowsOf(
    [
      '',
      'size=+1',
      'size=+16',
      'r1',
      'seq=7',
      'seq=4294967295',
      'flags=65535',
      'length=+4 size=+4',
    ],
    (how) => [
      `helo-${how.replaceAll(/[^a-z0-9]+/g, '-') || 'plain'}`,
      [...ready, `raw u1.d2 helo ${how}`, ...replaced],
    ],
  ),
  ...rowsOf(['', 'size=+1', 'r1', 'seq=7', 'flags=1'], (how) => [
    `quit-${how.replaceAll(/[^a-z0-9]+/g, '-') || 'plain'}`,
    [...ready, `raw u1.d1 quit ${how}`, ...gone],
  ]),
  flags: [...ready, 'raw u1.d1 response r1 flags=65535', goodReply],
  strangers: [...ready, 'raw u1.d2 response r1', 'raw u2.d1 response r1', goodReply],
  ...rowsOf([1, 4, 5, 11, 12], (by) => [
    `length-minus-${by}`,
    [...ready, `raw u1.d1 response r1 length=-${by}`, goodReply],
  ]),
};

function device(): readonly Family[] {
  return [...deviceSizes(), ...deviceLengths(), ...deviceWords()];
}

/** Writes with bytes that are missing or too many. */
function deviceSizes(): readonly Family[] {
  return [
    {
      name: 'cut',
      rules: ['WIR-7'],
      rows: { ...cut(deviceBytes - 1, 'u1.d1'), six: ['u1.d1 response R bytes=184 size=-193'] },
    },
    { name: 'short', rules: ['WIR-7'], rows: short },
    {
      name: 'long',
      rules: ['WIR-7'],
      rows: { ...long, silent: ['u1.d1 helo size=+1', 'u1.d1 quit size=+1'] },
    },
  ];
}

/** Writes with lengths that lie, or of a form or a count that no packet has. */
function deviceLengths(): readonly Family[] {
  return [
    { name: 'data', rules: ['WIR-7'], rows: data },
    {
      name: 'length',
      rules: ['WIR-7'],
      rows: rowsOf([-12, -8, -4, -1, 1, 4, 179, 180, 256, 8371], (by) => [
        `${by < 0 ? 'minus' : 'plus'}-${Math.abs(by)}`,
        [`u1.d1 response R length=${by < 0 ? by : `+${by}`}`],
      ]),
    },
    {
      name: 'code',
      rules: ['WIR-7'],
      rows: {
        ...rowsOf(upTo(7, 0), (eighth) => [
          `of-${192 + eighth * 8}`,
          upTo(eighth * 8 + 199, eighth * 8 + 192).flatMap((code) => [
            `u1.d1 response R bytes=${code - 8} code=${code}`,
            `u1.d1 response R code=${code}`,
          ]),
        ]),
        five: ['u1.d1 response R code=five', 'u1.d1 response R bytes=184 code=five'],
      },
    },
    {
      name: 'count',
      rules: ['WIR-7'],
      rows: rowsOf([517, 518, 600, 4096, 8375, 8376, 65_536], (bytes) => [
        `bytes-${bytes}`,
        [`u1.d1 response R bytes=${bytes}`],
      ]),
    },
  ];
}

/** Writes of types that mean nothing, by processes that may not write, and odd ones. */
function deviceWords(): readonly Family[] {
  return [
    {
      name: 'type',
      rules: ['WIR-8', 'WIR-7'],
      rows: {
        echo: ['u1.d1 request R', 'u1.d1 request'],
        bare: ['u1.d1 response', 'u1.d1 response seq=R'],
        ...types('u1.d1'),
      },
    },
    {
      name: 'order',
      rules: ['WIR-7', 'WIR-6'],
      rows: { response: ['u1.d1 response R order=other', 'u1.d1 response R seq=R.swapped'] },
    },
    {
      name: 'silent',
      rules: ['WIR-9'],
      rows: {
        empty: ['u1.d1 helo size=-5'],
        helo: ['u1.d1 helo', 'u1.d1 helo seq=7', 'u1.d1 helo R'],
        quit: ['u1.d1 quit', 'u1.d1 quit seq=7', 'u1.d1 quit R'],
      },
    },
    {
      name: 'handle',
      rules: ['WIR-10', 'REP-12'],
      rows: rowsOf(['u1.d2', 'u2.d1'], (by) => [
        by === 'u1.d2' ? 'process' : 'user',
        ['response R', 'helo', 'quit', 'helo size=-5', 'request R', 'response R data=-1', '7'].map(
          (what) => `${by} ${what}`,
        ),
      ]),
    },
    {
      name: 'odd',
      rules: ['WIR-6', 'WIR-9'],
      isOdd: true,
      rows: {
        ...odd(),
        'helo-then-closed': [
          ...ready,
          'raw u1.d1 helo',
          'quit u1.d1',
          'request r2 u1',
          'helo u1.d2',
        ],
        'helo-then-dead': [...ready, 'raw u1.d1 helo', 'exit u1.d1', 'request r2 u1', 'helo u1.d2'],
        'quit-then-asked': [
          ...ready,
          'raw u1.d1 quit',
          'request r2 u1',
          'reply u1.d1 r2',
          goodReply,
        ],
      },
    },
  ];
}
