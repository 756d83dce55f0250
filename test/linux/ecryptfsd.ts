import { spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { basename, dirname, join } from 'node:path';
import { archiveOf } from '../../conformance/subjects/linux/debian.js';
import { output } from '../../conformance/subjects/linux/programs.js';

/**
 * The daemon of ecryptfs-utils as Debian has it, with its key module for OpenSSL, which Debian leaves out: built from
 * the source of the same version, in which OpenSSL 3 wants two fields of a key to be asked for.
 */

const packages = [
  'ecryptfs-utils', 'libecryptfs1', 'libkeyutils1', 'libkeyutils-dev', 'libnss3', 'libnspr4', 'libsqlite3-0',
  'libssl3', 'libssl-dev', 'libc6', 'busybox-static',
]; // prettier-ignore
const libraries =
  /^(?:lib(?:ecryptfs|keyutils|nss3|nssutil3|nspr4|plc4|plds4|softokn3|freebl\w*|sqlite3|crypto|c|m|dl|pthread)\.so\b.*|ld-linux-x86-64\.so\.2)$/;

/**
 * The root of a system in which there is the daemon, what it needs, and busybox: fetched and built, unless it
 * is in the folder already.
 */
export function ecryptfsdRoot(folder: string): string {
  const [tree, root] = [join(folder, 'tree'), join(folder, 'root')];
  const module = join(root, 'usr/lib/x86_64-linux-gnu/ecryptfs/openssl.so');
  if (existsSync(module)) return root;
  fetch(folder, tree);
  for (const below of ['bin', 'etc', 'lib64', 'lib/x86_64-linux-gnu']) {
    mkdirSync(join(root, below), { recursive: true });
  }
  mkdirSync(dirname(module), { recursive: true });
  const files = readdirSync(tree, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((one) => libraries.test(basename(one)))) {
    copyFileSync(join(tree, file), join(root, 'lib/x86_64-linux-gnu', basename(file)));
  }
  copyFileSync(join(root, 'lib/x86_64-linux-gnu/ld-linux-x86-64.so.2'), join(root, 'lib64/ld-linux-x86-64.so.2')); // prettier-ignore
  copyFileSync(join(tree, 'usr/bin/ecryptfsd'), join(root, 'bin/ecryptfsd'));
  copyFileSync(join(tree, 'bin/busybox'), join(root, 'bin/busybox'));
  // Last, since it says that all is there.
  buildModule(folder, tree, module);
  return root;
}

/** The same as an archive, to be unpacked in a guest beside the agent, with a key file. */
export function ecryptfsdArchive(folder: string, keyFile: string): Buffer {
  const root = ecryptfsdRoot(folder);
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\n');
  writeFileSync(join(root, 'key.pem'), readFileSync(keyFile), { mode: 0o600 });
  const inside = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const pack = ['-o', '-H', 'newc', '-R', '0:0', '--quiet'];
  return Buffer.from(
    output('cpio', pack, { cwd: root, input: `${inside.join('\n')}\n` }),
    'latin1',
  );
}

function fetch(folder: string, tree: string): void {
  const archive = archiveOf('bookworm', folder);
  const list = join(folder, 'sources.list');
  appendFileSync(list, readFileSync(list, 'utf8').replace('deb ', 'deb-src '));
  output('apt-get', [...archive, '-q', 'update']);
  const cwd = join(folder, 'packages');
  mkdirSync(cwd);
  output('apt-get', [...archive, '-q', 'download', ...packages], { cwd });
  for (const file of readdirSync(cwd)) output('dpkg-deb', ['-x', join(cwd, file), tree]);
  // Of the source only what its authors published is wanted, not what Debian adds.
  const source = [...archive, '-q', 'source', '--download-only', 'ecryptfs-utils'];
  output('apt-get', source, { cwd, mayFail: true });
  const original = readdirSync(cwd).find((one) => one.endsWith('.orig.tar.gz')) ?? '';
  output('tar', ['-xzf', join(cwd, original), '-C', folder]);
}

function buildModule(folder: string, tree: string, module: string): void {
  const source = readdirSync(folder).find((one) => one.startsWith('ecryptfs-utils-')) ?? '';
  const file = join(folder, source, 'src/key_mod/ecryptfs_key_mod_openssl.c');
  const text = readFileSync(file, 'utf8').replace(/key->([ne])\b/g, 'RSA_get0_$1(key)');
  writeFileSync(file, text);
  const headers = [join(folder, source, 'src/include'), join(tree, 'usr/include'), join(tree, 'usr/include/x86_64-linux-gnu')]; // prettier-ignore
  const built = spawnSync('cc', [
    ...['-shared', '-fPIC', '-w', '-DCRYPTO_malloc_init()=', ...headers.map((one) => `-I${one}`)],
    ...['-o', module, file, '-L', join(tree, 'usr/lib/x86_64-linux-gnu')],
    ...['-l:libecryptfs.so.1', '-l:libcrypto.so.3'],
  ]);
  if (built.status !== 0) throw new Error(built.stderr.toString());
}
