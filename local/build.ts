/** `npm run build`: bundles each function of template.yaml as `sam build` does; prints the sizes of bundles and layer. */
import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { prepareCode } from './bundle.ts';
import { readApplication } from './read-application.ts';

const BUILD_FOLDER = '.local/build';

const { functions } = readApplication('template.yaml', {});
const folders = await prepareCode(functions, { buildFolder: BUILD_FOLDER });
const rows = functions.map((fn) => {
  const folder = folders.get(fn.name) ?? '';
  const code = readdirSync(folder).filter((file) => !file.endsWith('.map'));
  const bytes = code.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  return { function: fn.id, 'minified KB': Math.round(bytes / 1_000) };
});
const layers = [...new Set(functions.flatMap((fn) => fn.layers))].map((layer) => {
  const files = readdirSync(layer, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.cjs'));
  const bytes = files.reduce((sum, file) => sum + statSync(join(layer, file)).size, 0);
  return { function: `all, the layer ${relative('.', layer)}`, 'minified KB': Math.round(bytes / 1_000) };
});
console.table([...rows, ...layers]);
