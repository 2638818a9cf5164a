/**
 * `npm run bench [-- PART... --server mysql|mariadb]`: ratios within one run, nothing that is compared with another day
 * or machine.
 */
import { parseArgs } from 'node:util';
import { readServerKind, type ServerKind } from '../tests/support/private-server.ts';
import { benchBatches } from './batches.ts';
import { benchExports } from './exports.ts';
import { benchMemory } from './memory.ts';
import { benchMetrics } from './metrics.ts';
import { benchRequests } from './requests.ts';
import { benchRules } from './rules.ts';

const parts: Record<string, (server: ServerKind | undefined) => Promise<void>> = {
  rules: benchRules,
  batches: benchBatches,
  requests: benchRequests,
  exports: benchExports,
  metrics: benchMetrics,
  memory: benchMemory,
};

const { values, positionals: asked } = parseArgs({ options: { server: { type: 'string' } }, allowPositionals: true });
const server = values.server === undefined ? undefined : readServerKind(values.server);
const unknown = asked.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}.`);
  process.exit(1);
}
for (const [name, bench] of Object.entries(parts)) {
  if (asked.length === 0 || asked.includes(name)) await bench(server);
}
