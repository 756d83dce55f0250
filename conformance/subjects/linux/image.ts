import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { archiveOf, moduleOf, packageOf, unpack, vmlinuxOf } from './debian.js';
import type { Image } from './machine.js';
import type { Kernel } from './kernels.js';
import { kernels } from './kernels.js';
import { emulator, Machine, MachineLost } from './machine.js';
import { mountSignature, privateKeyToken } from './packets.js';
import { isThere, need, output, PrepareError, programs } from './programs.js';

/**
 * The image of the virtual machine: a stock kernel of Debian, its modules, and our agent, made once and
 * kept in the user's cache with the checksums of its files, and the machine as it is when it has booted.
 */

/** What is written down about an image. */
interface Manifest {
  /** The version of Debian's package. */
  readonly version: string;
  readonly agent: string;
  readonly emulator: string;
  readonly files: Readonly<Record<string, string>>;
}

const agentFile = 'conformance/subjects/linux/agent.c';
const modulePath = '/modules/ecryptfs.ko';
/** Against hanging alone: it takes a moment. */
const bootOrderMs = 60_000;

/** An image that is ready. */
export type Ready = Required<Image> & { readonly version: string };

/** The image of a kernel, or a sentence: why there is none, and what to do. */
export function imageOf(kernel: string): Ready | string {
  const folder = folderOf(kernel);
  const again = `msgctx target prepare linux --kernel ${kernel}`;
  const manifest = readManifest(folder);
  if (manifest === undefined) return `kernel ${kernel} is not prepared; run: ${again}`;
  if (!isThere(emulator)) return need(emulator);
  const now = { agent: hashOf(agentPath()), emulator: emulatorVersion() };
  if (manifest.agent !== now.agent || manifest.emulator !== now.emulator) {
    return `kernel ${kernel} was prepared for another agent or emulator; run: ${again}`;
  }
  const spoilt = Object.entries(manifest.files).find(([name, sum]) => {
    const path = join(folder, name);
    return !existsSync(path) || hashOf(path) !== sum;
  });
  if (spoilt !== undefined) return `${spoilt[0]} of kernel ${kernel} is spoilt; run: ${again}`;
  return { ...pathsIn(folder), version: manifest.version };
}

/**
 * Makes the image of a kernel: fetches it, compiles the agent, boots it once and saves the machine.
 *
 * @throws PrepareError with a sentence, when a program, the archive or a file is missing
 */
export async function prepare(kernel: string, tell: (step: string) => void): Promise<Ready> {
  const wanted = kernels[kernel];
  if (wanted === undefined) throw new PrepareError(`there is no kernel ${kernel}`);
  const lacking = programs.filter(({ name }) => !isThere(name));
  if (lacking.length > 0) throw new PrepareError(lacking.map(({ name }) => need(name)).join('\n'));
  const folder = folderOf(kernel);
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(join(partial, 'root', 'modules'), { recursive: true });
  try {
    tell(`looking for the kernel of Debian ${wanted.release}`);
    const archive = archiveOf(wanted.release, join(partial, 'apt'));
    const found = packageOf(archive);
    tell(`downloading ${found.name} ${found.version}`);
    const tree = unpack(archive, found.name, partial);
    tell('making the image');
    const paths = pathsIn(partial);
    writeFileSync(paths.kernel, vmlinuxOf(tree));
    makeInitrd(partial, tree, wanted);
    tell('booting it once');
    await bootOnce(paths, wanted).catch((error: unknown) => {
      throw error instanceof MachineLost ? new PrepareError(error.message) : error;
    });
    for (const rest of ['root', 'apt', 'tree', 'package']) rmSync(join(partial, rest), { recursive: true, force: true }); // prettier-ignore
    writeManifest(partial, found.version);
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  const made = imageOf(kernel);
  if (typeof made === 'string') throw new PrepareError(made);
  return made;
}

/** Loads fs/ecryptfs with so many contexts and seconds, as an order to the agent. */
export function insertion({ contexts, seconds }: { contexts: number; seconds: number }): string {
  return `insert ${modulePath} ecryptfs_message_buf_len=${contexts} ecryptfs_message_wait_timeout=${seconds}`;
}

/** Where a kernel's image is kept. */
function folderOf(kernel: string): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(cache, 'msgctx', `linux-${kernel}`);
}

const names = { kernel: 'vmlinux', initrd: 'initrd', snapshot: 'snapshot' } as const;

function pathsIn(folder: string): Required<Image> {
  const { kernel, initrd, snapshot } = names;
  return {
    kernel: join(folder, kernel),
    initrd: join(folder, initrd),
    snapshot: join(folder, snapshot),
  };
}

function readManifest(folder: string): Manifest | undefined {
  const path = join(folder, 'manifest.json');
  // We wrote it ourselves, and its sums tell when it is not so.
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Manifest) : undefined;
}

function writeManifest(folder: string, version: string): void {
  const files = Object.fromEntries(
    Object.values(names).map((name) => [name, hashOf(join(folder, name))]),
  );
  const manifest = { version, agent: hashOf(agentPath()), emulator: emulatorVersion(), files };
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function emulatorVersion(): string {
  return output(emulator, ['--version']).split('\n')[0] ?? '';
}

/** The source of the agent, in the package's own folder. */
function agentPath(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, agentFile))) {
    const above = dirname(folder);
    if (above === folder) throw new PrepareError(`${agentFile} is not in this package`);
    folder = above;
  }
  return join(folder, agentFile);
}

function makeInitrd(folder: string, tree: string, { modules }: Kernel): void {
  const root = join(folder, 'root');
  output('cc', ['-static', '-O2', '-o', join(root, 'init'), agentPath()]);
  for (const name of [...modules, 'ecryptfs']) {
    writeFileSync(join(root, 'modules', `${name}.ko`), moduleOf(tree, name));
  }
  const inside = ['.', 'init', 'modules', ...modules.map((name) => `modules/${name}.ko`)];
  const list = `${[...inside, 'modules/ecryptfs.ko'].join('\n')}\n`;
  const packed = output('cpio', ['-o', '-H', 'newc', '-R', '0:0', '--quiet'], { cwd: root, input: list }); // prettier-ignore
  writeFileSync(join(folder, names.initrd), packed, 'latin1');
}

/** Boots a machine, makes ready what every case needs, and saves it. */
async function bootOnce(image: Required<Image>, { modules }: Kernel): Promise<void> {
  const machine = await Machine.start({ kernel: image.kernel, initrd: image.initrd });
  try {
    const token = privateKeyToken(mountSignature).toString('hex');
    const orders = [
      ...modules.map((name) => `insert /modules/${name}.ko`),
      `key ${mountSignature} ${token}`,
      insertion({ contexts: 1, seconds: 1 }),
      'remove ecryptfs',
    ];
    for (const order of orders) {
      const { errno } = await machine.order(order, bootOrderMs);
      if (errno !== undefined) throw new PrepareError(`the guest answers ${errno} to: ${order}`);
    }
    await machine.save(image.snapshot);
  } finally {
    await machine.end();
  }
}
