import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { esbuildOptions, prepareCode } from './bundle.ts';
import type { FunctionModel } from './template/model.ts';
import { fixtureFolder } from '../tests/support/fixture.ts';
import type { FixtureFolder } from '../tests/support/fixture.ts';

let folder: FixtureFolder;
beforeEach(() => {
  folder = fixtureFolder({
    'a/handler.ts': `import { shared } from '../shared.ts';\nexport const handler = (): string => shared + 'a';`,
    'b/handler.ts': `import { shared } from '../shared.ts';\nexport const handler = (): string => shared + 'b';`,
    'shared.ts': `export const shared: string = 'shared by ';`,
  });
});
afterEach(() => folder.remove());

function model(id: string, build: Record<string, unknown>): FunctionModel {
  return {
    id,
    name: `collect-${id}`,
    arn: '',
    codeFolder: folder.path,
    handler: 'handler.handler',
    runtime: 'nodejs',
    layers: [],
    build,
    environment: {},
    timeoutSeconds: 3,
    memoryMegabytes: 128,
    asynchronousRetries: 2,
  };
}

const cjs = { Format: 'cjs', Target: 'es2024', Sourcemap: true, OutExtension: ['.js=.cjs'] };

test("build properties become esbuild's options, with the defaults of sam build", () => {
  expect(esbuildOptions(model('A', { EntryPoints: ['a/handler.ts'] }), '/out')).toEqual({
    absWorkingDir: folder.path,
    bundle: true,
    entryPoints: ['a/handler.ts'],
    format: 'cjs',
    logLevel: 'silent',
    minify: true,
    outdir: '/out',
    platform: 'node',
    target: 'es2020',
  });
  const properties = {
    ...cjs,
    EntryPoints: ['a/handler.ts'],
    External: ['@aws-sdk/*'],
    Minify: false,
    Define: ['process.env.BUNDLED=true'],
    SourcesContent: false,
  };
  expect(esbuildOptions(model('A', properties), '/out')).toMatchObject({
    define: { 'process.env.BUNDLED': 'true' },
    external: ['@aws-sdk/*'],
    minify: false,
    outExtension: { '.js': '.cjs' },
    sourcemap: true,
    sourcesContent: false,
    target: ['es2024'],
  });
});

test("a bundle is in its function's folder and named after its entry point, whether built alone or with others", async () => {
  const functions = [
    model('A', { ...cjs, EntryPoints: ['a/handler.ts'] }),
    model('Nested/B', { ...cjs, EntryPoints: ['b/handler.ts'] }),
  ];
  const together = join(folder.path, 'together');
  const alone = join(folder.path, 'alone');

  const folders = await prepareCode(functions, { buildFolder: together });
  await prepareCode(functions.slice(0, 1), { buildFolder: alone });

  expect([...folders]).toEqual([
    ['collect-A', join(together, 'A')],
    ['collect-Nested/B', join(together, 'Nested', 'B')],
  ]);
  for (const name of ['handler.cjs', 'handler.cjs.map']) {
    expect(readFileSync(join(together, 'A', name), 'utf8')).toBe(readFileSync(join(alone, 'A', name), 'utf8'));
  }
  expect(existsSync(join(together, 'Nested', 'B', 'handler.cjs'))).toBe(true);
});

test('the output of sam build is used unchanged', async () => {
  folder.write('.aws-sam/build/A/handler.cjs', '');
  const functions = [model('A', { EntryPoints: ['a/handler.ts'] })];
  const artefacts = join(folder.path, '.aws-sam', 'build');

  const folders = await prepareCode(functions, { buildFolder: join(folder.path, 'unused'), artefacts });

  expect(folders.get('collect-A')).toBe(join(artefacts, 'A'));
  expect(existsSync(join(folder.path, 'unused'))).toBe(false);
});

test.each([
  [{}, 'B: Metadata.BuildProperties.EntryPoints must name a file to bundle'],
  [{ EntryPoints: ['a/handler.ts'], Splines: true }, 'B: the build property Splines is not supported here'],
  [{ ...cjs, EntryPoints: ['nothing.ts'] }, /^B: cannot be bundled: .*nothing\.ts/s],
  [{ ...cjs, Target: 'es1066', EntryPoints: ['a/handler.ts'] }, /^B: cannot be bundled: .*es1066/s],
])('an error names the function that cannot be bundled (%j)', async (build, message) => {
  const functions = [model('A', { ...cjs, EntryPoints: ['a/handler.ts'] }), model('B', build)];
  await expect(prepareCode(functions, { buildFolder: join(folder.path, 'build') })).rejects.toThrow(message);
});

test('an error names a function that the output of sam build lacks', async () => {
  await expect(
    prepareCode([model('A', {})], { buildFolder: '', artefacts: join(folder.path, 'none') }),
  ).rejects.toThrow(/^A: .*none has no build of this function; run sam build$/);
});

test('an error names a layer that is not built, and the command that builds it', async () => {
  const layer = join(folder.path, 'layer');
  const functions = [{ ...model('A', { ...cjs, EntryPoints: ['a/handler.ts'] }), layers: [layer] }];

  const prepared = prepareCode(functions, { buildFolder: join(folder.path, 'build') });

  await expect(prepared).rejects.toThrow(`A: its layer ${layer} is not built; run npm run prepare`);
});
