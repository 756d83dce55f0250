import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesOf, output, PrepareError } from './programs.js';

/**
 * The kernels of Debian: found and fetched by apt from the archive that this machine uses, whichever of
 * its releases it runs itself, with lists of our own, so that nothing of the machine's is touched.
 */

/** An archive as apt is told of it. */
export type Archive = readonly string[];

/** The options by which apt uses one release alone, and keeps what it knows of it in a folder. */
export function archiveOf(release: string, folder: string): Archive {
  const format = '$(ORIGIN) $(LABEL) $(SITE)';
  const known = output('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
  const site = known
    .split('\n')
    .find((line) => line.startsWith('Debian Debian '))
    ?.split(' ')[2];
  if (site === undefined) {
    throw new PrepareError(
      'apt knows no archive of Debian; the target is prepared on a Debian system',
    );
  }
  const source = join(folder, 'sources.list');
  for (const below of ['lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(folder, below), { recursive: true });
  }
  writeFileSync(source, `deb ${site} ${release} main\n`);
  const settings = {
    'Dir::Etc::sourcelist': source,
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::Cache': join(folder, 'cache'),
    // The folder is the user's own, and no other user may enter it.
    ...(process.getuid?.() === 0 ? { 'APT::Sandbox::User': 'root' } : {}),
    'Acquire::Languages': 'none',
  };
  const archive = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  output('apt-get', [...archive, '-q', 'update']);
  return archive;
}

/** The package of the newest kernel for any amd64 machine. */
export function packageOf(archive: Archive): { readonly name: string; readonly version: string } {
  const shown = output('apt-cache', [...archive, 'show', '--no-all-versions', 'linux-image-amd64']);
  const found = /^Depends: (linux-image-\S+) \(= (\S+)\)/m.exec(shown);
  const [, name, version] = found ?? [];
  if (name !== undefined && version !== undefined) return { name, version };
  throw new PrepareError('the archive has no kernel behind linux-image-amd64');
}

/** Downloads a package and unpacks it; returns the folder with what was in it. */
export function unpack(archive: Archive, name: string, folder: string): string {
  const cwd = join(folder, 'package');
  mkdirSync(cwd);
  output('apt-get', [...archive, '-q', 'download', name], { cwd });
  const [file] = readdirSync(cwd);
  if (file === undefined) throw new PrepareError(`apt-get brought no package ${name}`);
  const tree = join(folder, 'tree');
  output('dpkg-deb', ['-x', join(cwd, file), tree]);
  return tree;
}

/** How compressed data begins, and what makes it whole again. */
const compressions = [
  { magic: Buffer.from('fd377a585a00', 'hex'), command: 'xz', args: ['-dc', '--single-stream'] },
  { magic: Buffer.from('28b52ffd', 'hex'), command: 'zstd', args: ['-dc'] },
  { magic: Buffer.from('1f8b08', 'hex'), command: 'gzip', args: ['-dc'] },
];
const elf = Buffer.from('7f454c46', 'hex');

/** The kernel without its compression, which an emulator enters faster. */
export function vmlinuxOf(tree: string): Buffer {
  const boot = join(tree, 'boot');
  const name = readdirSync(boot).find((one) => one.startsWith('vmlinuz-'));
  if (name === undefined) throw new PrepareError('the package has no vmlinuz');
  const packed = readFileSync(join(boot, name));
  for (const { magic, command, args } of compressions) {
    for (let at = packed.indexOf(magic); at !== -1; at = packed.indexOf(magic, at + 1)) {
      // Something else stands behind it, of which the program complains.
      const whole = bytesOf(command, args, { input: packed.subarray(at), mayFail: true });
      if (whole.subarray(0, elf.length).equals(elf)) return whole;
    }
  }
  throw new PrepareError(`${name} has no kernel in it that can be unpacked`);
}

/** A module, without its compression. */
export function moduleOf(tree: string, name: string): Buffer {
  // Newer releases have everything below usr.
  const below = ['lib/modules', 'usr/lib/modules'].find((one) => existsSync(join(tree, one))) ?? '';
  const all = readdirSync(join(tree, below), { recursive: true, encoding: 'utf8' });
  const path = all.find((one) => new RegExp(`/${name}\\.ko(\\.\\w+)?$`).test(one));
  if (path === undefined) throw new PrepareError(`the package has no module ${name}`);
  const packed = readFileSync(join(tree, below, path));
  const way = compressions.find(({ magic }) => packed.indexOf(magic) === 0);
  return way === undefined ? packed : bytesOf(way.command, way.args, { input: packed });
}
