/** Limits the bundles' sizes, because a cold start reads the whole bundle. An unintended import exceeds a limit. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readApplication } from '../local/read-application.ts';
import { readLambdas } from '../openapi/lambdas.ts';
import { artefacts } from './support/test-stack.ts';

const LIMITS: Record<string, number> = {
  'collect-lambdas/collect/index.ts': 940_000,
  'collect-lambdas/sheets/index.ts': 1_225_000,
  'collect-lambdas/live-sheet/index.ts': 1_245_000,
  // Swagger UI, as text, and the description of the API, which grows with each route.
  'collect-lambdas/docs/index.ts': 2_450_000,
  'db-proxy-lambda/index.ts': 1_600_000,
};

const bundled = readApplication('template.yaml', {}).functions.filter(({ runtime }) => runtime === 'nodejs');

/** The code of each bundle, by its entry point. */
const bundles = new Map(
  bundled.map((fn) => {
    const folder = path.join(artefacts, fn.id);
    const files = readdirSync(folder).filter((file) => !file.endsWith('.map'));
    const [entryPoint] = Array.isArray(fn.build?.['EntryPoints']) ? fn.build['EntryPoints'] : [];
    return [String(entryPoint), Buffer.concat(files.map((file) => readFileSync(path.join(folder, file))))];
  }),
);

test.each(Object.entries(LIMITS))('the bundle of %s is at most %d bytes', (entryPoint, limit) => {
  const bytes = bundles.get(entryPoint)?.length ?? Infinity;
  expect(bytes).toBeLessThanOrEqual(limit);
});

test('only the docs Lambda’s bundle contains the documentation of routes', () => {
  const described = readLambdas()
    .flatMap(({ routes }) => routes)
    .flatMap(({ docs }) => [docs, ...Object.values({ ...docs.path, ...docs.query, ...docs.headers })])
    .map(({ description }) => description.split('\n')[0] ?? '')
    .filter((text) => text.includes(' '));
  const found = [...bundles]
    .filter(([entryPoint]) => entryPoint !== 'collect-lambdas/docs/index.ts')
    .flatMap(([entryPoint, code]) =>
      described.filter((text) => code.includes(text)).map((text) => `${entryPoint}: ${text}`),
    );
  expect(described.length).toBeGreaterThan(80);
  expect(found).toEqual([]);
});
