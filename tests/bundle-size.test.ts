/** A cold start reads the whole bundle, so each has a limit that a stray import would break. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { prepareCode } from '../local/bundle.ts';
import { readApplication } from '../local/read-application.ts';

const LIMITS: Record<string, number> = {
  'collect-lambdas/collect/index.ts': 900_000,
  'collect-lambdas/sheets/index.ts': 1_200_000,
  // Swagger UI, as text.
  'collect-lambdas/docs/index.ts': 2_400_000,
  'db-proxy-lambda/index.ts': 1_500_000,
};

let buildFolder: string;
let sizes: Map<string, number>;

beforeAll(async () => {
  buildFolder = mkdtempSync(path.join(tmpdir(), 'collect-build-'));
  const { functions } = readApplication('template.yaml', {});
  const folders = await prepareCode(functions, { buildFolder });
  sizes = new Map(
    functions.map((fn) => {
      const folder = folders.get(fn.name) ?? '';
      const files = readdirSync(folder).filter((file) => !file.endsWith('.map'));
      const bytes = files.reduce((sum, file) => sum + statSync(path.join(folder, file)).size, 0);
      const [entryPoint] = Array.isArray(fn.build?.['EntryPoints']) ? fn.build['EntryPoints'] : [];
      return [String(entryPoint), bytes];
    }),
  );
}, 120_000);

afterAll(() => rmSync(buildFolder, { recursive: true, force: true }));

test.each(Object.entries(LIMITS))('the bundle of %s is at most %d bytes', (entryPoint, limit) => {
  const bytes = sizes.get(entryPoint) ?? Infinity;
  expect(bytes).toBeLessThanOrEqual(limit);
});
