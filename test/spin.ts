import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** SPIN, asked what it finds of a Promela model. Its folders are its own and are taken away again. */

const execute = promisify(execFile);
const depthMax = 2_000_000;

/** What a safety run counted. */
export interface Counts {
  readonly states: number;
  /** Steps, without the one that SPIN counts into the initial state. */
  readonly transitions: number;
  readonly deadlocks: boolean;
}

/** Counts the states and steps of a model, defects switched by macros. */
export async function count(promela: string, macros: readonly string[] = []): Promise<Counts> {
  const out = await pan(promela, macros, ['-DSAFETY'], ['-c0']);
  const [, states = ''] = /(\d+) states, stored/.exec(out) ?? [];
  const [, transitions = ''] = /(\d+) transitions/.exec(out) ?? [];
  return {
    states: Number(states),
    transitions: Number(transitions) - 1,
    deadlocks: !/errors: 0$/m.test(out),
  };
}

/** Whether some run violates the one formula that the macros switch on. */
export async function violates(promela: string, macros: readonly string[]): Promise<boolean> {
  const out = await pan(promela, macros, [], ['-a']);
  const [, errors] = /errors: (\d+)/.exec(out) ?? [];
  if (errors === undefined || out.includes('max search depth too small')) {
    throw new Error(`SPIN did not finish: ${out}`);
  }
  return Number(errors) > 0;
}

async function pan(
  promela: string,
  macros: readonly string[],
  compile: readonly string[],
  run: readonly string[],
): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), 'msgctx-spin-'));
  try {
    writeFileSync(join(cwd, 'model.pml'), promela);
    await execute('spin', [...macros.map((one) => `-D${one}`), '-a', 'model.pml'], { cwd });
    await execute('cc', ['-w', '-O1', '-DNOREDUCE', ...compile, '-o', 'pan', 'pan.c'], { cwd });
    const { stdout } = await execute('./pan', [...run, `-m${depthMax}`], { cwd });
    return stdout;
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}
