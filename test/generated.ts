import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyStateMachine } from 'xstate';
import type { Profile, ProfileName, Switches } from '../model/index.js';
import {
  calm,
  checksOf,
  contextMachine,
  createReplyMachine,
  daemonMachine,
  defects,
  mermaidOf,
  Packed,
  profiles,
  requirements,
  seed,
  Symmetry,
  System,
  taskMachine,
  verify,
  walk,
} from '../model/index.js';
import type { Described } from './msgctx.js';
import { commands, msgctx } from './msgctx.js';
import { generatedIn, isUpdating, regenerate, root } from './pages.js';

/** Parts that take longer than a second. */
export const slowlyGenerated = ['defects', 'states'];

/** A generated part of a page as it stands there, after an update if there is one, and as it follows from the code. */
export async function compareGenerated(
  page: string,
  name: string,
): Promise<{ readonly shown: string | undefined; readonly generated: string }> {
  const generated = await generate(name);
  if (isUpdating) regenerate(page, name, generated);
  return { shown: generatedIn(page).find((one) => one.name === name)?.text, generated };
}

/** What is worked out from the code, by the name in `<!-- generated: NAME -->`. */
async function generate(name: string): Promise<string> {
  const [what = '', ...rest] = name.split(' ');
  const make = generators[what];
  if (make === undefined) throw new Error(`nothing generates "${name}"`);
  return make(rest.join(' '));
}

const generators: Readonly<Record<string, (name: string) => string | Promise<string>>> = {
  commands: async () => table(['command', 'what it does'], (await commands()).map(commandRow)),
  defects: defectRows,
  licences: licenceRows,
  mermaid,
  options,
  listed,
  requirements: requirementRows,
  states: stateRows,
};

const machines: Readonly<Record<string, AnyStateMachine>> = {
  context: contextMachine,
  task: taskMachine,
  daemon: daemonMachine,
  reply: createReplyMachine(seed),
};

const environment = { ...calm, sendFails: true, signals: true };
const statesMax = 1_000_000;

function profileNamed(name: ProfileName): Profile {
  return profiles[name] ?? seed;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads, heads.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function commandRow({ name, description }: Described): readonly string[] {
  return [`[\`msgctx ${name}\`](#msgctx-${name.replaceAll(' ', '-')})`, description];
}

async function options(name: string): Promise<string> {
  const found = (await commands()).find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no command "${name}"`);
  const usage = `\`${found.usage}\`\n`;
  const rows = found.options.map(({ term, what, byDefault }) => [
    `\`${term}\``,
    escaped(what),
    escaped(byDefault),
  ]);
  return rows.length === 0
    ? usage
    : `${usage}\n${table(['option', 'what it does', 'default'], rows)}`;
}

function escaped(text: string): string {
  return text.replace(/[|<]/g, (found) => `\\${found}`);
}

function mermaid(name: string): string {
  const machine = machines[name];
  if (machine === undefined) throw new Error(`there is no machine "${name}"`);
  return `\`\`\`mermaid\n${mermaidOf(machine)}\`\`\`\n`;
}

/** What `msgctx list` prints, as a table of names and descriptions. */
async function listed(what: string): Promise<string> {
  const rows = JSON.parse(await msgctx(['list', what, '--json'])) as Listed[];
  const cells = rows.map(({ name, description }) => [`\`${name}\``, escaped(description)]);
  return table([what.replace(/s$/, ''), 'what it is'], cells);
}

interface Listed {
  readonly name: string;
  readonly description: string;
}

const families: Readonly<Record<string, string>> = {
  CTX: 'Contexts',
  REQ: 'Requests',
  REG: 'Registration',
  REP: 'Replies',
  SLP: 'Sleep and time-outs',
  QUE: 'Queues of messages',
  WIR: 'Bytes',
  INS: 'Inspection',
  SYS: 'The system',
  DMN: 'Daemons',
};

/** The catalogue, a table for each family of ids. */
function requirementRows(): string {
  const prefixes = [...new Set(requirements.map(({ id }) => id.replace(/-.*/, '')))];
  const sections = prefixes.map((prefix) => {
    const rows = requirements
      .filter(({ id }) => id.startsWith(`${prefix}-`))
      .map(({ id, level, text, source, profiles: names }) => [
        id,
        level,
        escaped(text),
        escaped(source),
        names.length === Object.keys(profiles).length ? 'all' : names.join(', '),
      ]);
    const heads = ['id', 'level', 'requirement', 'source', 'profiles'];
    return `## ${families[prefix] ?? prefix}\n\n${table(heads, rows)}`;
  });
  return sections.join('\n');
}

/** Profile, contexts, users and length of the queues. */
const sizes = [
  ['seed', 1, 1, 0],
  ['seed', 2, 1, 0],
  ['seed', 1, 2, 0],
  ['seed', 2, 2, 0],
  ['seed', 2, 3, 0],
  ['seed', 3, 2, 0],
  ['seed', 4, 2, 0],
  ['seed', 5, 2, 0],
  ['seed', 2, 1, 1],
  ['seed', 2, 2, 1],
  ['netlink-2.6.21', 2, 2, 0],
  ['device-2.6.26', 2, 2, 1],
  ['device-6', 2, 2, 1],
  ['device-6', 4, 2, 1],
  ['device-6', 5, 2, 1],
] as const;

/** How many states there are, with sends that fail and signals, two processes a user. */
function stateRows(): string {
  const rows = sizes.map(([name, contexts, users, queue]) => {
    const bounds = { contexts, users, processes: 2, queue };
    const switches = { defects: [], without: [], environment };
    const packed = new Packed(new System(bounds, profileNamed(name), switches));
    const symmetry = new Symmetry(packed);
    const { states, transitions, count } = walk(packed, { statesMax, symmetry });
    return [name, contexts, users, queue, states, transitions, count].map(String);
  });
  const heads = ['contexts', 'users', 'queue length', 'states', 'transitions', 'orbits'];
  return table(['profile', ...heads], rows);
}

/** The profile under which a defect is shown, where it is not the first that has it. */
const shownUnder: Readonly<Record<string, ProfileName>> = {
  'D-3': 'device-6',
  'D-7': 'device-6',
  'D-14': 'device-2.6.26',
  'D-15': 'device-2.6.26',
  handleIsOpen: 'device-6',
};
/** Checks whose answer a later check gives again, so that nothing breaks without them. */
const repeated = ['daemonRegistered', 'senderIsUser'];

/** What each defect and each missing check breaks, with the length of the shortest run. */
function defectRows(): string {
  const checks = [...new Set([...checksOf(seed), ...checksOf(profileNamed('device-6'))])];
  const rows = [
    ...defects.map(({ id, text, queue }) => {
      const bounds = { tasks: 3, queue: queue ? 1 : 0 };
      return [`${id}: ${escaped(text)}`, ...breaks({ id, defects: [id], without: [] }, bounds)];
    }),
    ...checks
      .filter((check) => !repeated.includes(check))
      .map((check) => [
        `without ${check}`,
        ...breaks({ id: check, defects: [], without: [check] }, { tasks: 2, queue: 0 }),
      ]),
  ];
  return table(['switch', 'profile', 'breaks (steps of the shortest run)'], rows);
}

type Switched = Pick<Switches, 'defects' | 'without'>;

function breaks(
  { id, ...switched }: Switched & { readonly id: string },
  bounds: { readonly tasks: number; readonly queue: number },
): readonly string[] {
  const profile = profileNamed(shownUnder[id] ?? 'seed');
  const { findings } = verify({
    bounds: { contexts: 2, users: 2, processes: 2, ...bounds },
    profile,
    switches: { ...switched, environment },
    symmetry: true,
    statesMax,
  });
  const broken = findings
    .filter(({ verdict }) => verdict === 'violated')
    .map(({ property, trace }) => `${property.name} (${trace.length})`);
  return [profile.name, broken.join(', ')];
}

/** What package-lock.json says of a package. */
interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly peer?: boolean;
}

/** Everything that an installation of the package brings, by licence; builds for one platform stand in one entry. */
function licenceRows(): string {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };
  const packages = new Map<string, Set<string>>();
  for (const [path, { version, license = 'none', dev, devOptional, peer }] of Object.entries(
    lock.packages,
  )) {
    if (path === '' || dev === true || devOptional === true || peer === true) continue;
    const name = path
      .replace(/^.*node_modules\//, '')
      .replace(/^@koromix\/koffi-.*/, '@koromix/koffi-*');
    const known = packages.get(license) ?? new Set();
    packages.set(license, known.add(`\`${name}\` ${version ?? ''}`));
  }
  const rows = [...packages].map(([license, names]) => [license, [...names].sort().join(', ')]);
  return table(['licence', 'packages'], rows.sort());
}
