/**
 * `npm run bench [-- PART... --server mysql|mariadb]`: prints times, rates, and ratios to a baseline of the same
 * run. Compare only figures of one run, because they depend on the day and the machine.
 */
import { parseArgs } from 'node:util';
import { UserError, runCommand } from '../local/user-error.ts';
import { readServerKind, type ServerKind } from '../tests/support/private-server.ts';
import { benchBatches } from './batches.ts';
import { benchBrowsing } from './browsing.ts';
import { benchExports } from './exports.ts';
import { benchForms } from './forms.ts';
import { benchLiveSheet } from './live-sheet.ts';
import { benchMemory } from './memory.ts';
import { benchMetrics } from './metrics.ts';
import { benchOdk } from './odk.ts';
import { benchQuality } from './quality.ts';
import { benchRequests } from './requests.ts';
import { benchReviews } from './reviews.ts';
import { benchRules } from './rules.ts';
import { benchWebhooks } from './webhooks.ts';

const PARTS: Record<string, (server: ServerKind | undefined) => Promise<unknown>> = {
  rules: benchRules,
  forms: benchForms,
  batches: benchBatches,
  requests: benchRequests,
  reviews: benchReviews,
  odk: benchOdk,
  exports: benchExports,
  metrics: benchMetrics,
  quality: benchQuality,
  browsing: benchBrowsing,
  webhooks: benchWebhooks,
  'live-sheet': benchLiveSheet,
  memory: benchMemory,
};

await runCommand(async () => {
  const { values, positionals: asked } = parseArgs({ options: { server: { type: 'string' } }, allowPositionals: true });
  const server = values.server === undefined ? undefined : readServerKind(values.server);
  const names = Object.keys(PARTS);
  const unknown = asked.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new UserError(`There is no benchmark ${unknown.join(', ')}: use ${names.join(', ')}.`);
  for (const [name, bench] of Object.entries(PARTS)) {
    if (asked.length === 0 || asked.includes(name)) await bench(server);
  }
});
