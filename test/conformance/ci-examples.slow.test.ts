import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validateWorkflow } from '@action-validator/core';
import { Job } from 'kubernetes-models/batch/v1';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { captured } from '../captured.js';

/** The examples for CI: valid by the schemas of those who read them, and their commands do what they say. */

const workflow = readFileSync('examples/ci/github-actions.yml', 'utf8');
const job = readFileSync('examples/ci/kubernetes-job.yaml', 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'msgctx-ci-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the workflow for GitHub Actions', () => {
  it('is one, by the schema of workflows', () => {
    expect(validateWorkflow(workflow)).toEqual({ actionType: 'workflow', errors: [] });
    const spoilt = workflow.replace('runs-on:', 'runs-onto:');
    expect(validateWorkflow(spoilt).errors).not.toEqual([]);
  });

  const said = captured();

  it('puts together the verdict of one whole run from its four parts', async () => {
    const { jobs } = parse(workflow) as {
      jobs: Record<
        string,
        { steps: { run?: string }[]; strategy?: { matrix: { part: number[] } } }
      >;
    };
    const commandOf = (name: string, verb: string) =>
      (jobs[name]?.steps ?? [])
        .flatMap(({ run }) => run ?? [])
        .find((run) => run.includes(`npx msgctx ${verb}`)) ?? '';
    const at = (file: string) => join(folder, file);
    writeFileSync(at('known-deviations.json'), '{"schema":"msgctx-known/1","deviations":[]}');
    // The words of the step, with the files in a folder of the test and an adapter that is there.
    const words = (command: string, part = '') =>
      command
        .replace(/\s*-- \.\/adapter\s*$/, '')
        .replaceAll('${{ matrix.part }}', part)
        .split(/\s+/)
        .slice(2)
        .map((word) =>
          word.replace(/^(\w+=)?([\w-]+\.(?:json|txt|md|xml|html))$/, `$1${folder}/$2`),
        )
        .filter((word) => word !== '');
    const parts = jobs['hold']?.strategy?.matrix.part ?? [];
    const few = ['--suite', 'resets', '--suite', 'time'];
    for (const part of parts) {
      const status = await said.msgctx(...words(commandOf('hold', 'run'), String(part)), ...few);
      expect([part, status, said.err]).toEqual([part, 0, '']);
    }
    const merging = words(commandOf('verdict', 'merge')).flatMap((word) =>
      word === 'part-*.json' ? parts.map((part) => at(`part-${part}.json`)) : [word],
    );
    expect(await said.msgctx(...merging)).toBe(0);
    const merged = said.out.slice(said.out.indexOf('cases:'));
    expect(await said.msgctx('run', ...few)).toBe(0);
    expect(merged).toBe(said.out.slice(said.out.indexOf('cases:')));
    expect(readFileSync(at('summary.md'), 'utf8')).toContain(': pass');
    expect(readFileSync(at('conformance.html'), 'utf8')).toContain('<!doctype html>');
    expect(readFileSync(at('junit.xml'), 'utf8')).toContain('<testsuites');
  });
});

describe('the Job for Kubernetes', () => {
  it('is one, by the schema of batch/v1', () => {
    const read = parse(job) as ConstructorParameters<typeof Job>[0];
    new Job(read).validate();
    const spoilt = parse(job.replace('completions: 8', 'completions: many')) as typeof read;
    expect(() => {
      new Job(spoilt).validate();
    }).toThrow('completions');
  });

  it('holds a part in each pod, all of them of one whole', () => {
    const { spec } = parse(job) as {
      spec: {
        completions: number;
        template: { spec: { containers: { command: string[]; env: { value: string }[] }[] } };
      };
    };
    const [container] = spec.template.spec.containers;
    expect(container?.env[0]?.value).toBe(String(spec.completions));
    expect(container?.command[2]).toContain('--shard auto');
    // The shell of the pod puts the number of the part into the name of the report.
    const said = spawnSync(
      'sh',
      ['-c', `echo ${container?.command[2]?.split('json=')[1]?.split(' ')[0] ?? ''}`],
      {
        encoding: 'utf8',
        env: { JOB_COMPLETION_INDEX: '3' },
      },
    );
    expect(said.stdout).toBe('/reports/part-3.json\n');
  });
});
