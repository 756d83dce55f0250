import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/** The files of the page, read once. The server serves no other file. */

/** One file as it is sent. */
export interface Asset {
  readonly type: string;
  readonly bytes: Buffer;
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml; charset=utf-8',
};

/** The folder of the page, beside this file. */
export const pageFolder = fileURLToPath(new URL('page', import.meta.url));

/** Every file of a folder by its path on the server. */
export function assetsIn(folder: string): ReadonlyMap<string, Asset> {
  return new Map(
    readdirSync(folder).flatMap((name): [string, Asset][] => {
      const type = types[name.split('.').at(-1) ?? ''];
      if (type === undefined || name.endsWith('.d.ts')) return [];
      return [[`/${name}`, { type, bytes: readFileSync(join(folder, name)) }]];
    }),
  );
}
