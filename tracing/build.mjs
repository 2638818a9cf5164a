// Builds the layer: one minified file with all of tracing's packages. `npm ci` runs this ("prepare" in package.json), with
// the version of Node.js that runs npm.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const { name, version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
// Lambda unpacks a layer into /opt, and looks for packages in /opt/nodejs/node_modules.
const folder = join(here, 'layer', 'nodejs', 'node_modules', name);

await build({
  entryPoints: [join(here, 'index.ts')],
  outfile: join(folder, 'index.cjs'),
  bundle: true,
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  platform: 'node',
  target: 'es2024',
  format: 'cjs',
  logLevel: 'warning',
  alias: { 'cls-hooked/context': join(here, 'async-context.ts') },
});
writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version, main: 'index.cjs' }));
