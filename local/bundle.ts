/** Bundles each function's code as `sam build` does. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, parse, resolve } from 'node:path';
import { build, stop, type BuildOptions } from 'esbuild';
import { TemplateError, type FunctionModel } from './template/model.ts';
import { list, text } from './template/values.ts';

const strings = (value: unknown): string[] => list(value).map(text);

/** Converts `['.js=.cjs']` to the form of esbuild's API, `{ '.js': '.cjs' }`. Splits at the first `=`. */
function pairs(value: unknown): Record<string, string> {
  return Object.fromEntries(
    strings(value).map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}

/** The build properties of SAM that the templates use. */
const OPTIONS: Record<string, (value: unknown) => BuildOptions> = {
  Define: (value) => ({ define: pairs(value) }),
  EntryPoints: () => ({}),
  External: (value) => ({ external: strings(value) }),
  Format: (value) => ({ format: value === 'esm' ? 'esm' : 'cjs' }),
  Minify: (value) => ({ minify: value === true }),
  OutExtension: (value) => ({ outExtension: pairs(value) }),
  Sourcemap: (value) => ({ sourcemap: value === true }),
  SourcesContent: (value) => ({ sourcesContent: text(value) === 'true' }),
  Target: (value) => ({ target: text(value).split(',') }),
};

/**
 * esbuild's options for a function, with the defaults of `sam build` (bundle, minify, es2020, CommonJS).
 * @throws {TemplateError} when the function has no entry points, or an unknown build property
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
    if (option === undefined) throw new TemplateError(`${fn.id}: the build property ${name} is not supported here`);
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

/** Groups functions whose builds differ only in the entry point, so that esbuild reads shared code (the SDK) once. */
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
    // Builds the functions one by one, to find the function that fails.
    for (const fn of group) await bundle(fn, root);
  }
}

let buildsUnderway = 0;

async function bundleAll(functions: FunctionModel[], root: string): Promise<void> {
  await rm(root, { recursive: true, force: true });
  buildsUnderway += 1;
  try {
    const groups = groupsOf(functions, root);
    // Waits for every build even if one fails, so that no other build writes files afterwards.
    const builds = await Promise.allSettled(groups.map((group) => bundleGroup(group, root)));
    for (const build of builds) if (build.status === 'rejected') throw build.reason;
  } finally {
    buildsUnderway -= 1;
    // Ends esbuild's child process after the last build.
    if (buildsUnderway === 0) await stop();
  }
}

/**
 * Bundles every function into `<buildFolder>/<id>`, or uses `sam build`'s output in `artefacts` (the same layout). Python
 * code is used where it is, as `sam build` does for a function with SkipBuild.
 * @returns each function's folder, by the function's name
 * @throws {TemplateError} that names the function if bundling fails, its build is missing or its layer is missing
 */
export async function prepareCode(
  functions: FunctionModel[],
  options: { buildFolder: string; artefacts?: string },
): Promise<Map<string, string>> {
  const { buildFolder, artefacts } = options;
  const root = resolve(artefacts ?? buildFolder);
  const bundled = functions.filter(({ runtime }) => runtime === 'nodejs');
  for (const { id, layers } of functions) {
    const missing = layers.find((layer) => !existsSync(layer));
    if (missing !== undefined) throw new TemplateError(`${id}: its layer ${missing} is not built; run npm run prepare`);
  }
  if (artefacts === undefined) {
    await bundleAll(bundled, root);
  } else {
    const missing = bundled.find((fn) => !existsSync(join(root, fn.id)));
    if (missing !== undefined)
      throw new TemplateError(`${missing.id}: ${root} has no build of this function; run sam build`);
  }
  return new Map(functions.map((fn) => [fn.name, bundled.includes(fn) ? join(root, fn.id) : fn.codeFolder]));
}
