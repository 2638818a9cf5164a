/** A cold start reads the whole bundle; a stray import would break a bundle's limit. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { readApplication } from '../local/read-application.ts';
import { artefacts } from './support/test-stack.ts';

const LIMITS: Record<string, number> = {
  'collect-lambdas/collect/index.ts': 900_000,
  'collect-lambdas/sheets/index.ts': 1_200_000,
  // Swagger UI, as text.
  'collect-lambdas/docs/index.ts': 2_400_000,
  'db-proxy-lambda/index.ts': 1_500_000,
};

const sizes = new Map(
  readApplication('template.yaml', {}).functions.map((fn) => {
    const folder = path.join(artefacts, fn.id);
    const files = readdirSync(folder).filter((file) => !file.endsWith('.map'));
    const bytes = files.reduce((sum, file) => sum + statSync(path.join(folder, file)).size, 0);
    const [entryPoint] = Array.isArray(fn.build?.['EntryPoints']) ? fn.build['EntryPoints'] : [];
    return [String(entryPoint), bytes];
  }),
);

test.each(Object.entries(LIMITS))('the bundle of %s is at most %d bytes', (entryPoint, limit) => {
  const bytes = sizes.get(entryPoint) ?? Infinity;
  expect(bytes).toBeLessThanOrEqual(limit);
});
