import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * What the package exports, with its types, is a file in api/ that is reviewed with a change. After one
 * that is meant, `npx vitest run test/api.slow.test.ts -u` writes it anew.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'msgctx-api-'));
const doors = [
  ['msgctx', 'dist/conformance/index.d.ts'],
  ['model', 'dist/model/index.d.ts'],
  ['kernel', 'dist/impl/index.d.ts'],
  ['vitest', 'dist/conformance/vitest.d.ts'],
] as const;

beforeAll(() => {
  const { status } = spawnSync('npm', ['run', 'build', '--silent'], { cwd: root });
  expect(status).toBe(0);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The report of a door, made anew. */
function reportOf(name: string, entry: string): string {
  const silent = { default: { logLevel: ExtractorLogLevel.None } };
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: join(root, entry),
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: folder,
        reportTempFolder: folder,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      compiler: { tsconfigFilePath: join(root, 'tsconfig.json') },
      messages: {
        compilerMessageReporting: silent,
        extractorMessageReporting: silent,
        tsdocMessageReporting: silent,
      },
      newlineKind: 'lf',
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
  });
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      message.logLevel = ExtractorLogLevel.None;
    },
  });
  return readFileSync(join(folder, `${name}.api.md`), 'utf8');
}

describe('the API report', () => {
  it.each(doors)('of msgctx/%s is what was reviewed', async (name, entry) => {
    const report = reportOf(name, entry);
    await expect(report).toMatchFileSnapshot(join(root, 'api', `${name}.api.md`));
  });

  it('names what a user builds with', () => {
    const report = readFileSync(join(root, 'api', 'msgctx.api.md'), 'utf8');
    const needed = [
      ...['contextMachine', 'daemonMachine', 'taskMachine', 'createReplyMachine'],
      ...['createSystemMachine', 'conversations', 'parseCommand', 'Oracle', 'run', 'Subject'],
    ];
    for (const name of needed) expect(report).toMatch(new RegExp(`export .*\\b${name}\\b`));
  });
});
