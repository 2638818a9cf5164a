/** Puts each function's code where its environments load it from, as `sam build` does. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, parse, resolve } from 'node:path';
import { build, stop } from 'esbuild';
import type { BuildOptions, Format, Loader } from 'esbuild';
import { TemplateError } from './template/model.ts';
import type { FunctionModel } from './template/model.ts';
import { list, text } from './template/values.ts';

const strings = (value: unknown): string[] => list(value).map(text);

/** `['.js=.cjs']` as esbuild's API wants it: `{ '.js': '.cjs' }`. The first `=` divides. */
function pairs(value: unknown): Record<string, string> {
  return Object.fromEntries(
    strings(value).map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}

/** esbuild checks the values itself and says which are wrong. */
const isFormat = (value: string): value is Format => value !== '';
const isLoaders = (value: Record<string, string>): value is Record<string, Loader> => Object.keys(value).length > 0;

function format(value: unknown): BuildOptions {
  const name = text(value);
  return isFormat(name) ? { format: name } : {};
}

function loader(value: unknown): BuildOptions {
  const loaders = pairs(value);
  return isLoaders(loaders) ? { loader: loaders } : {};
}

type Option = (value: unknown) => BuildOptions;

/** SAM's build properties. Those that concern `npm install` alone have no effect here. */
const OPTIONS: Record<string, Option> = {
  Banner: (value) => ({ banner: pairs(value) }),
  Define: (value) => ({ define: pairs(value) }),
  EntryPoints: () => ({}),
  External: (value) => ({ external: strings(value) }),
  Footer: (value) => ({ footer: pairs(value) }),
  Format: format,
  KeepNames: (value) => ({ keepNames: value === true }),
  Loader: loader,
  MainFields: (value) => ({ mainFields: Array.isArray(value) ? strings(value) : text(value).split(',') }),
  Minify: (value) => ({ minify: value === true }),
  OutExtension: (value) => ({ outExtension: pairs(value) }),
  Sourcemap: (value) => ({ sourcemap: value === true }),
  SourcesContent: (value) => ({ sourcesContent: text(value) === 'true' }),
  Target: (value) => ({ target: text(value).split(',') }),
  UseNpmCi: () => ({}),
};

/**
 * esbuild's options for a function, with the defaults of `sam build` (bundle, minify, es2020, CommonJS).
 * @throws TemplateError when the function has no entry points or a build property is not known.
 */
export function esbuildOptions(fn: FunctionModel, folder: string): BuildOptions & { entryPoints: string[] } {
  const properties = fn.build ?? {};
  const entryPoints = strings(properties['EntryPoints']);
  if (entryPoints.length === 0) {
    throw new TemplateError(`${fn.id}: Metadata.BuildProperties.EntryPoints must name a file to bundle`);
  }
  const options: BuildOptions = { target: 'es2020', format: 'cjs', minify: true };
  for (const [name, value] of Object.entries(properties)) {
    const option = OPTIONS[name];
    if (option === undefined) throw new TemplateError(`${fn.id}: the build property ${name} is not understood here`);
    Object.assign(options, option(value));
  }
  return {
    ...options,
    absWorkingDir: fn.codeFolder,
    bundle: true,
    entryPoints,
    logLevel: 'silent',
    outdir: folder,
    platform: 'node',
  };
}

async function bundle(fn: FunctionModel, root: string): Promise<void> {
  try {
    await build(esbuildOptions(fn, join(root, fn.id)));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw error instanceof TemplateError ? error : new TemplateError(`${fn.id}: cannot be bundled: ${reason}`);
  }
}

/**
 * Functions whose bundles differ in their one entry point only. One build makes the same files for them as a build
 * each, and reads what they share, such as the SDK, once.
 */
function groupsOf(functions: FunctionModel[], root: string): FunctionModel[][] {
  const groups = Object.groupBy(functions, (fn) => {
    const { entryPoints, ...options } = esbuildOptions(fn, root);
    return JSON.stringify(entryPoints.length === 1 ? options : fn.id);
  });
  return Object.values(groups).flatMap((group) => (group === undefined ? [] : [group]));
}

async function bundleGroup(group: FunctionModel[], root: string): Promise<void> {
  const [first, ...others] = group;
  if (first === undefined) return;
  if (others.length === 0) return bundle(first, root);
  const entryPoints = group.map((fn) => {
    const [entryPoint = ''] = esbuildOptions(fn, root).entryPoints;
    return { in: join(fn.codeFolder, entryPoint), out: join(fn.id, parse(entryPoint).name) };
  });
  try {
    await build({ ...esbuildOptions(first, root), entryPoints });
  } catch {
    // One by one, so that the error names the function.
    for (const fn of group) await bundle(fn, root);
  }
}

let buildsUnderway = 0;

async function bundleAll(functions: FunctionModel[], root: string): Promise<void> {
  await rm(root, { recursive: true, force: true });
  buildsUnderway += 1;
  try {
    const groups = groupsOf(functions, root);
    await Promise.all(groups.map((group) => bundleGroup(group, root)));
  } finally {
    buildsUnderway -= 1;
    // esbuild keeps a child process for the next build; the last build ends it.
    if (buildsUnderway === 0) await stop();
  }
}

/**
 * Bundles every function into `<buildFolder>/<id>`, or takes what `sam build` left in `artefacts`, whose layout is the same.
 * @returns each function's folder, by the function's name.
 * @throws TemplateError naming the function that cannot be bundled, that the artefacts lack, or whose layer is missing.
 */
export async function prepareCode(
  functions: FunctionModel[],
  options: { buildFolder: string; artefacts?: string },
): Promise<Map<string, string>> {
  const { buildFolder, artefacts } = options;
  const root = resolve(artefacts ?? buildFolder);
  for (const { id, layers } of functions) {
    const missing = layers.find((layer) => !existsSync(layer));
    if (missing !== undefined) throw new TemplateError(`${id}: its layer ${missing} is not built; run npm run prepare`);
  }
  if (artefacts === undefined) {
    await bundleAll(functions, root);
  } else {
    const missing = functions.find((fn) => !existsSync(join(root, fn.id)));
    if (missing !== undefined) throw new TemplateError(`${missing.id}: ${root} has no build of it; run sam build`);
  }
  return new Map(functions.map((fn) => [fn.name, join(root, fn.id)]));
}
