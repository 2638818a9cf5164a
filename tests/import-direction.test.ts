import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { findForbiddenImports, importsOf } from './support/imports.ts';

const root = path.join(__dirname, '..');

/** Everything that is deployed, and the tests beside it. */
function readSources(): Map<string, string> {
  const files = globSync('{collect-lambdas,db-proxy-lambda,forms}/**/*.ts', { cwd: root });
  return new Map(files.map((file) => [file.split(path.sep).join('/'), readFileSync(path.join(root, file), 'utf8')]));
}

test('imports run one way', () => {
  const sources = readSources();

  expect(sources.size).toBeGreaterThan(50);
  expect(findForbiddenImports(sources)).toEqual([]);
});

describe('the check of import directions', () => {
  test.each([
    ['import', `import { a } from './a.ts';`],
    ['import of a type', `import type { A } from './a.ts';`],
    ['import for its effect', `import './a.ts';`],
    ['import of data', `import a from './a.ts' with { type: 'json' };`],
    ['export from', `export { a } from './a.ts';`],
    ['export of a type from', `export type { A } from './a.ts';`],
    ['export of everything from', `export * as a from './a.ts';`],
    ['import at run time', `const f = async () => (await import('./a.ts')).a;`],
    ['type that is imported in place', `type A = Map<string, import('./a.ts').A>;`],
    ['require', `const a = require('./a.ts');`],
    ['import with equals', `import a = require('./a.ts');`],
  ])('sees an %s', (_what, code) => {
    expect(importsOf(code)).toEqual(['./a.ts']);
  });

  test('sees no import in a text, a comment or an export of its own', () => {
    const code = `// import './a.ts'\nexport const text = "import './a.ts'"; export { text as other };`;

    expect(importsOf(code)).toEqual([]);
  });

  const forbidden = [
    ['a Lambda imports another Lambda', 'collect-lambdas/collect/a.ts', '../forms/handler.ts'],
    ['a Lambda imports another Lambda from a folder within', 'collect-lambdas/tasks/upload/a.ts', '../../hello/a.ts'],
    ['a Lambda whose name starts alike is imported', 'collect-lambdas/forms/a.ts', '../forms-2/a.ts'],
    ['a Lambda imports the inside of the proxy', 'collect-lambdas/collect/a.ts', '../../db-proxy-lambda/handler.ts'],
    ['a Lambda imports behind the contract', 'collect-lambdas/collect/a.ts', '../../db-proxy-lambda/forms/contract.ts'],
    ['a Lambda imports what only runs locally', 'collect-lambdas/collect/a.ts', '../../local/host.ts'],
    ['a Lambda imports a test helper', 'collect-lambdas/collect/a.ts', '../../tests/support/responses.ts'],
    ['a Lambda imports a benchmark', 'collect-lambdas/collect/a.ts', '../../bench/rules.ts'],
    ['a Lambda imports by an absolute path', 'collect-lambdas/collect/a.ts', '/srv/local/host.ts'],
    ['shared code imports a Lambda', 'collect-lambdas/shared/a.ts', '../collect/check.ts'],
    ['shared code imports the inside of the proxy', 'collect-lambdas/shared/a.ts', '../../db-proxy-lambda/logger.ts'],
    ['the proxy imports a Lambda', 'db-proxy-lambda/a.ts', '../collect-lambdas/collect/check.ts'],
    ['the proxy imports shared code', 'db-proxy-lambda/responses/a.ts', '../../collect-lambdas/shared/environment.ts'],
    ['the proxy imports a test helper', 'db-proxy-lambda/a.ts', '../tests/support/responses.ts'],
    ['forms import the contract', 'forms/a.ts', '../db-proxy-lambda/contract.ts'],
    ['forms import shared code', 'forms/a.ts', '../collect-lambdas/shared/problem.ts'],
    ['forms import what only runs locally', 'forms/a.ts', '../local/host.ts'],
    ['a test imports another Lambda', 'collect-lambdas/collect/a.test.ts', '../forms/handler.ts'],
    ['a test imports a test', 'collect-lambdas/collect/a.test.ts', '../../tests/a.test.ts'],
  ] as const;

  test.each(forbidden)('finds that %s', (_what, from, specifier) => {
    const innocent = `import { z } from 'zod'; import './b.ts'; import fs from 'node:fs';`;
    const files = new Map([
      ['collect-lambdas/hello/innocent.ts', innocent],
      [from, `${innocent} export type { A } from '${specifier}';`],
    ]);

    expect(findForbiddenImports(files)).toEqual([{ from, to: expect.any(String) as string }]);
  });

  test('finds an import that cannot be told from the code', () => {
    const files = new Map([['collect-lambdas/collect/a.ts', 'export const load = (name: string) => import(name);']]);

    expect(findForbiddenImports(files)).toHaveLength(1);
  });

  test.each([
    ['collect-lambdas/collect/a.ts', './b.ts'],
    ['collect-lambdas/tasks/upload/a.ts', '../b.ts'],
    ['collect-lambdas/collect/a.ts', '../shared/problem.ts'],
    ['collect-lambdas/collect/a.ts', '../../forms/json.ts'],
    ['collect-lambdas/collect/a.ts', '../../db-proxy-lambda/contract.ts'],
    ['collect-lambdas/collect/a.ts', 'kysely'],
    ['collect-lambdas/collect/a.test.ts', '../../tests/support/responses.ts'],
    ['collect-lambdas/shared/a.ts', '../../db-proxy-lambda/contract.ts'],
    ['db-proxy-lambda/responses/a.ts', '../forms/queries.ts'],
    ['db-proxy-lambda/a.ts', '../forms/household-finances.json'],
    ['db-proxy-lambda/a.test.ts', '../tests/support/responses.ts'],
    ['forms/a.ts', './b.ts'],
  ])('lets %s import %s', (from, specifier) => {
    expect(findForbiddenImports(new Map([[from, `import '${specifier}';`]]))).toEqual([]);
  });
});
