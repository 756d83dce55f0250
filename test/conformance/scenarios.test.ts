import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Settings } from '../../conformance/index.js';
import {
  converse,
  parseCommand,
  printCommand,
  ReferenceSubject,
  seed,
} from '../../conformance/index.js';

/**
 * Conversations as text: a comment, `reset` with the settings, then each command with what was
 * observed behind `----`. `npx vitest -u` writes what was observed anew; look at the difference.
 */

const folder = fileURLToPath(new URL('../scenarios/', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));

interface Scenario {
  readonly head: string;
  readonly settings: Settings;
  readonly commands: readonly string[];
}

function read(text: string): Scenario {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith('reset '));
  const options = Object.fromEntries(
    (lines[start] ?? '')
      .split(' ')
      .slice(1)
      .map((word) => word.split('=', 2) as [string, string]),
  );
  const number = (name: string) => Number(options[name]);
  let expected = false;
  const commands = lines.slice(start + 1).filter((line) => {
    if (line === '----') expected = true;
    else if (line === '') expected = false;
    return !expected && line !== '' && line !== '----';
  });
  return {
    head: lines.slice(0, start + 1).join('\n'),
    settings: {
      contexts: number('contexts'),
      users: number('users'),
      processes: number('processes'),
      timeoutMs: number('timeout'),
      manualWake: options['wake'] === 'manual',
      manualRead: false,
      time: 'virtual',
      payloadMax: 64,
      wideLabels: false,
    },
    commands,
  };
}

describe('the reference implementation', () => {
  it.each(files)('converses as in %s', async (file) => {
    const { head, settings, commands } = read(readFileSync(`${folder}${file}`, 'utf8'));
    const subject = new ReferenceSubject();
    const { capabilities } = subject.claims;
    const terms = { profile: seed, strict: true, capabilities, slackMs: 250 };
    const held = await converse({ subject, settings, terms }, commands.map(parseCommand));
    expect(held.failure).toBeUndefined();
    expect(held.commands.map(printCommand)).toEqual(commands);
    const steps = held.trace
      .filter(({ probe }) => probe === undefined)
      .map(({ command, observed }) => `${command}\n----\n${observed.join('\n')}\n`);
    await expect(`${head}\n\n${steps.join('\n')}`).toMatchFileSnapshot(`${folder}${file}`);
  });
});
