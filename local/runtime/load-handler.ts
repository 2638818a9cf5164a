/** Loads the function that a `Handler` string (`folder/file.export`) names, by the rules of Lambda's Node.js runtime. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Context } from 'aws-lambda';

/** Without the deprecated `done`, `fail` and `succeed`. */
export type InvocationContext = Omit<Context, 'done' | 'fail' | 'succeed'>;

export type Handler = (event: unknown, context: InvocationContext) => unknown;

function failure(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

const property = (value: unknown, name: string): unknown =>
  (typeof value === 'object' || typeof value === 'function') && value !== null ? Reflect.get(value, name) : undefined;

const isHandler = (value: unknown): value is Handler => typeof value === 'function';

/**
 * Loads `<taskRoot>/<file>.js`, `.mjs` or `.cjs` and returns the export.
 * @throws an Error with Lambda's name (Runtime.ImportModuleError, Runtime.HandlerNotFound, Runtime.MalformedHandlerName),
 *   or the error that the module throws while it loads
 */
export async function loadHandler(taskRoot: string, handlerName: string): Promise<Handler> {
  const fileName = basename(handlerName);
  const dot = fileName.indexOf('.');
  if (dot < 1) throw failure('Runtime.MalformedHandlerName', `Bad handler: ${handlerName}`);
  const stem = join(taskRoot, dirname(handlerName), fileName.slice(0, dot));
  const file = ['.js', '.mjs', '.cjs'].map((extension) => stem + extension).find((path) => existsSync(path));
  if (file === undefined) throw failure('Runtime.ImportModuleError', `Error: Cannot find module '${stem}'`);

  const loaded: unknown = file.endsWith('.cjs') ? createRequire(file)(file) : await import(pathToFileURL(file).href);
  const path = fileName.slice(dot + 1).split('.');
  const find = (root: unknown): unknown => path.reduce(property, root);
  const handler = find(loaded) ?? find(property(loaded, 'default'));
  if (!isHandler(handler)) {
    throw failure('Runtime.HandlerNotFound', `${handlerName} is undefined or not exported`);
  }
  return handler;
}
