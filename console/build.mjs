// Builds the pages, and packs them into one file that PagesFunction embeds. `npm ci` runs this (script "prepare").
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { addLicensesOfWebForms } from './licenses.mjs';
import { generateTypes } from './types.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = join(here, 'dist');

// Tests set another value, with which Vite would build for development.
process.env['NODE_ENV'] = 'production';
// The linter and editors need the generated types before the first type check.
await generateTypes();
await build({ root: here, logLevel: 'warn' });
addLicensesOfWebForms(join(dist, 'licenses.txt'));

const names = readdirSync(dist).filter((name) => !name.endsWith('.map'));
const files = names.map((name) => [name, gzipSync(readFileSync(join(dist, name)), { level: 9 }).toString('base64')]);
writeFileSync(join(dist, 'pages.pack'), JSON.stringify(Object.fromEntries(files)));
