import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { main } from '../conformance/cli/main.js';
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
  seed,
  Symmetry,
  System,
  taskMachine,
  verify,
  walk,
} from '../model/index.js';

/** What the README shows is what happens. With `MSGCTX_UPDATE=1` the diagrams are written
 * anew. */

const file = fileURLToPath(new URL('../README.md', import.meta.url));
const text = () => readFileSync(file, 'utf8');
const machines: Readonly<Record<string, AnyStateMachine>> = {
  context: contextMachine,
  task: taskMachine,
  daemon: daemonMachine,
  reply: createReplyMachine(seed),
};

const environment = { ...calm, sendFails: true, signals: true };

afterEach(() => vi.restoreAllMocks());

async function msgctx(line: string): Promise<string> {
  let out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    out += String(part);
    return true;
  });
  await main(line.split(' '));
  vi.restoreAllMocks();
  return out;
}

describe('the README', () => {
  it.each(Object.keys(machines))('draws the machine %s as it is', (name) => {
    const machine = machines[name];
    const block = new RegExp(
      `(<!-- generated: mermaid ${name} -->\n\`\`\`mermaid\n)([^\`]*)(\`\`\`)`,
    );
    const drawn = machine === undefined ? '' : mermaidOf(machine);
    if (process.env['MSGCTX_UPDATE'] !== undefined) {
      writeFileSync(
        file,
        text().replace(block, (_, head: string, __, tail: string) => head + drawn + tail),
      );
    }
    expect(block.exec(text())?.[2]).toBe(drawn);
  });

  it('shows commands with what they print', async () => {
    const blocks = [...text().matchAll(/```console\n\$ msgctx ([^\n]*)\n([\s\S]*?)```/g)];
    expect(blocks.length).toBe(5);
    for (const [, line = '', printed = ''] of blocks) {
      expect(await msgctx(line)).toContain(printed.trimEnd());
    }
  });

  it('names every option of run, verify, inspect and ecryptfs, and no other', async () => {
    const own = ['keygen', 'kernel', 'daemon', 'create', 'open'].map((name) => `ecryptfs ${name}`);
    let help = '';
    for (const command of ['run', 'verify', 'learn', 'check-trace', 'inspect', ...own])
      help += await msgctx(`${command} --help`);
    const offered = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option);
    const named = [...text().matchAll(/`(--[a-z-]+)[ \][`A-Z=]/g)].map(([, option]) => option);
    const missing = offered.filter((one) => one !== '--help' && !named.includes(one));
    expect(missing).toEqual([]);
    const elsewhere = await msgctx('ecryptfs kernel --help');
    const invented = named.filter(
      (one = '') => one !== '--machine' && !offered.includes(one) && !elsewhere.includes(one),
    );
    expect(invented).toEqual([]);
  });

  it('counts states, transitions and orbits as they are', () => {
    const rows = [
      ...text().matchAll(/^\| (\S+) \| (\d) \| (\d) \| (\d) \| (\d+) \| (\d+) \| (\d+) \|$/gm),
    ];
    expect(rows.length).toBe(15);
    for (const [, name = '', ...numbers] of rows) {
      const [contexts = 0, users = 0, queue = 0, ...counts] = numbers.map(Number);
      const bounds = { contexts, users, processes: 2, queue };
      const packed = new Packed(
        new System(bounds, profiles[name] ?? seed, { defects: [], without: [], environment }),
      );
      const symmetry = new Symmetry(packed);
      const { states, transitions, count } = walk(packed, { statesMax: 1_000_000, symmetry });
      expect([name, ...counts]).toEqual([name, states, transitions, count]);
    }
  });

  it('says what each defect and each missing check breaks', () => {
    const rows = [
      ...text().matchAll(/^\| (D-\d+|without \w+)\S* ?[^|]*\| (\S+) \| ([a-z].*) \|$/gm),
    ];
    expect(rows.length).toBe(17);
    for (const [, word = '', name = '', told = ''] of rows) {
      const defect = defects.find(({ id }) => id === word);
      const check = checksOf(profiles[name] ?? seed).find((one) => word === `without ${one}`);
      const switches = {
        defects: defect === undefined ? [] : [defect.id],
        without: check === undefined ? [] : [check],
        environment,
      };
      const tasks = defect === undefined ? 2 : 3;
      const { findings } = verify({
        bounds: { contexts: 2, users: 2, processes: 2, tasks, queue: defect?.queue ? 1 : 0 },
        profile: profiles[name] ?? seed,
        switches,
        symmetry: true,
        statesMax: 1_000_000,
      });
      const broken = findings
        .filter(({ verdict }) => verdict === 'violated')
        .map(({ property, trace }) => `${property.name} (${trace.length})`);
      expect(`${word}: ${told}`).toBe(`${word}: ${broken.join(', ')}`);
    }
  });
});
