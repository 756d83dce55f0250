import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { main } from '../conformance/cli/main.js';
import {
  contextMachine,
  createReplyMachine,
  daemonMachine,
  explore,
  mermaidOf,
  Quotient,
  seed,
  System,
  taskMachine,
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
    expect(blocks.length).toBe(2);
    for (const [, line = '', printed = ''] of blocks) expect(await msgctx(line)).toContain(printed);
  });

  it('names every option of run, and no other', async () => {
    const help = await msgctx('run --help');
    const offered = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option);
    const named = [...text().matchAll(/`(--[a-z]+)[ \][`A-Z=]/g)].map(([, option]) => option);
    const missing = offered.filter((one) => one !== '--help' && !named.includes(one));
    expect(missing).toEqual([]);
    const invented = named.filter((one) => one !== '--machine' && !offered.includes(one));
    expect(invented).toEqual([]);
  });

  it('counts states and steps as they are', () => {
    const rows = [...text().matchAll(/^\| (\d) \| (\d) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$/gm)];
    expect(rows.length).toBe(4);
    for (const row of rows) {
      const [contexts = 0, users = 0, ...counts] = row.slice(1).map(Number);
      const system = new System({ contexts, users, processes: 2 }, seed);
      const { states, transitions } = explore(system);
      const { orbits, edges } = new Quotient(system).all();
      expect(counts).toEqual([states.size, transitions, orbits.size, edges.size]);
    }
  });
});
