/** Checks that imports follow the rules in .dependency-cruiser.mjs: only in the allowed direction, and not in a circle. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.join(__dirname, '..');
const FOLDERS = [
  'collect-lambdas',
  'db-proxy-lambda',
  'forms',
  'openapi',
  'local',
  'emulators',
  'ops',
  'demo',
  'bench',
  'tracing',
  'tests',
];

interface Report {
  modules: unknown[];
  summary: { violations: { from: string; to: string }[] };
}

async function cruise(cwd: string, folders: readonly string[]): Promise<Report> {
  const rules = path.join(ROOT, '.dependency-cruiser.mjs');
  const command = [
    path.join(ROOT, 'node_modules/.bin/depcruise'),
    '--config',
    rules,
    '--output-type',
    'json',
    ...folders,
  ];
  // The command's exit status is the number of violations, so it may reject.
  const run = promisify(execFile)(process.execPath, command, { cwd, maxBuffer: 64 * 1024 ** 2 });
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  return JSON.parse(stdout) as Report;
}

const linksOf = ({ summary }: Report): string[] => summary.violations.map(({ from, to }) => `${from} -> ${to}`);

test('imports follow the allowed direction and form no circle', async () => {
  const report = await cruise(ROOT, FOLDERS);

  expect(report.modules.length).toBeGreaterThan(300);
  expect(linksOf(report)).toEqual([]);
});

/** Each file of a sample application, with the file that it imports. */
const FORBIDDEN = [
  ['collect-lambdas/collect/a.ts', 'collect-lambdas/forms/handler.ts'],
  ['collect-lambdas/collect/b.ts', 'collect-lambdas/collect-2/a.ts'],
  ['collect-lambdas/collect/c.ts', 'db-proxy-lambda/handler.ts'],
  ['collect-lambdas/collect/d.ts', 'db-proxy-lambda/forms/contract.ts'],
  ['collect-lambdas/collect/e.ts', 'local/host.ts'],
  ['collect-lambdas/collect/f.ts', 'tests/support/responses.ts'],
  ['collect-lambdas/collect/g.ts', 'bench/rules.ts'],
  ['collect-lambdas/shared/a.ts', 'collect-lambdas/collect/check.ts'],
  ['collect-lambdas/shared/b.ts', 'db-proxy-lambda/logger.ts'],
  ['db-proxy-lambda/a.ts', 'collect-lambdas/collect/check.ts'],
  ['db-proxy-lambda/forms/a.ts', 'collect-lambdas/shared/env.ts'],
  ['db-proxy-lambda/b.ts', 'tests/support/responses.ts'],
  ['forms/a.ts', 'db-proxy-lambda/contract.ts'],
  ['forms/b.ts', 'collect-lambdas/shared/problem.ts'],
  ['forms/c.ts', 'local/host.ts'],
  ['forms/values/e.ts', 'forms/language/kinds.ts'],
  ['forms/definition/f.ts', 'forms/compiled/rules.ts'],
  ['collect-lambdas/collect/a.test.ts', 'collect-lambdas/forms/handler.ts'],
  ['collect-lambdas/collect/b.test.ts', 'tests/a.test.ts'],
  ['collect-lambdas/collect/l.ts', '/srv/local/host.ts'],
  ['local/a.ts', 'local/b.ts'],
  ['local/c.ts', 'db-proxy-lambda/handler.ts'],
  ['openapi/a.ts', 'db-proxy-lambda/forms/contract.ts'],
] as const;

const ALLOWED = [
  ['collect-lambdas/collect/h.ts', 'collect-lambdas/collect/check.ts'],
  ['collect-lambdas/collect/i.ts', 'collect-lambdas/shared/problem.ts'],
  ['collect-lambdas/collect/j.ts', 'forms/values/json.ts'],
  ['collect-lambdas/collect/k.ts', 'db-proxy-lambda/contract.ts'],
  ['collect-lambdas/collect/c.test.ts', 'tests/support/responses.ts'],
  ['collect-lambdas/shared/c.ts', 'db-proxy-lambda/contract.ts'],
  ['db-proxy-lambda/forms/b.ts', 'db-proxy-lambda/database/chunks.ts'],
  ['db-proxy-lambda/c.ts', 'forms/definition/household-finances.json'],
  ['db-proxy-lambda/a.test.ts', 'tests/support/responses.ts'],
  ['forms/d.ts', 'forms/values/json.ts'],
  ['forms/compiled/g.ts', 'forms/definition/metadata.ts'],
  // The circle is reported once, at its first link.
  ['local/b.ts', 'local/a.ts'],
  ['ops/a.ts', 'db-proxy-lambda/contract.ts'],
] as const;

/** The import path, with `./` before a file of the same folder. */
const relative = (from: string, to: string): string =>
  to.startsWith('/') ? to : path.posix.relative(path.posix.dirname(from), to).replace(/^(?!\.)/, './');

/** Each way to import a module. */
const WAYS = [
  (to: string) => `import { a } from '${to}';`,
  (to: string) => `import type { A } from '${to}';`,
  (to: string) => `import '${to}';`,
  (to: string) => `export { a } from '${to}';`,
  (to: string) => `export type { A } from '${to}';`,
  (to: string) => `export * as a from '${to}';`,
  (to: string) => `export const load = async () => (await import('${to}')).a;`,
  (to: string) => `export const a = require('${to}');`,
  (to: string) => `import a = require('${to}');`,
];

test('the rules find each forbidden import, in any syntax, and no allowed import', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'collect-imports-'));
  const write = (file: string, code: string): void => {
    mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(folder, file), code);
  };
  const imports = [...FORBIDDEN, ...ALLOWED];
  const importing = new Set<string>(imports.map(([from]) => from));
  for (const [, to] of imports)
    if (!importing.has(to) && !to.startsWith('/')) write(to, to.endsWith('.json') ? '{}' : `// import './x.ts';`);
  const ways = WAYS.map((way, index) => [`db-proxy-lambda/way-${index}.ts`, way] as const);
  for (const [from, to] of imports) write(from, `import '${relative(from, to)}';`);
  for (const [from, way] of ways) write(from, way('../local/host.ts'));

  const found = linksOf(await cruise(folder, [...new Set(imports.map(([from]) => from.split('/')[0] ?? ''))]));

  rmSync(folder, { recursive: true, force: true });
  const expected = [...FORBIDDEN, ...ways.map(([from]) => [from, 'local/host.ts'])].map((link) => link.join(' -> '));
  expect(found.toSorted()).toEqual(expected.toSorted());
});
