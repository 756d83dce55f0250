/** Copies what of the page is no TypeScript into the folder that is built. */
import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [to = 'dist'] = process.argv.slice(2);
const from = fileURLToPath(new URL('.', import.meta.url));
for (const name of readdirSync(from).filter((one) => /\.(?:html|css|svg)$/.test(one))) {
  copyFileSync(join(from, name), join(to, 'conformance', 'inspect', 'page', name));
}
