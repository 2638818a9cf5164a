/** Which files a file imports, and which of those the design's directions forbid (docs and `../shared/design.md`). */
import path from 'node:path';
import { parseSync } from '@swc/core';

export interface ForbiddenImport {
  from: string;
  /** The file that is imported, from the root; or the code of an import whose file cannot be told. */
  to: string;
}

const CONTRACT = 'db-proxy-lambda/contract.ts';

/**
 * Finds every import that the design forbids.
 *
 * @param files deployed code and the tests beside it: TypeScript by path from the root
 */
export function findForbiddenImports(files: ReadonlyMap<string, string>): ForbiddenImport[] {
  return [...files].flatMap(([from, code]) =>
    importsOf(code)
      .map((specifier) => resolve(from, specifier))
      .filter((to) => to !== undefined)
      .filter((to) => !mayImport(from, to))
      .map((to) => ({ from, to })),
  );
}

/** Samples of events may be used anywhere. Collect's Lambdas import what is theirs, what is shared, the forms and the proxy's contract; the others less. */
function mayImport(from: string, to: string): boolean {
  if (to.startsWith('events/')) return true;
  if (from.endsWith('.test.ts') && /^(tests\/support|local|emulators)\//.test(to)) return true;
  const [root = '', folder = ''] = from.split('/');
  const own = root === 'collect-lambdas' ? `${root}/${folder}/` : `${root}/`;
  if (to.startsWith(own)) return true;
  if (root === 'forms') return false;
  if (to.startsWith('forms/')) return true;
  return root === 'collect-lambdas' && (to === CONTRACT || to.startsWith('collect-lambdas/shared/'));
}

/** The path from the root; undefined for a package. What is not known before the program runs stays as it is. */
function resolve(from: string, specifier: string | undefined): string | undefined {
  if (specifier === undefined) return 'an import that is computed';
  const file = specifier.startsWith('file:') ? specifier : path.posix.join(path.posix.dirname(from), specifier);
  if (specifier.startsWith('.')) return file;
  return /^(?:[/\\]|file:|[A-Za-z]:\\|#)/.test(specifier) ? specifier : undefined;
}

/** Every module that code names: imported, re-exported, as a type only, required or at run time. */
export function importsOf(code: string): (string | undefined)[] {
  const found: (string | undefined)[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if (namesModule(node)) found.push(literalOf(moduleOf(node)));
    for (const child of Object.values(node)) visit(child);
  };
  visit(parseSync(code, { syntax: 'typescript', target: 'es2024' }));
  return found;
}

const get = (node: unknown, member: string): unknown => Reflect.get(Object(node), member);

function namesModule(node: object): boolean {
  switch (get(node, 'type')) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'TsImportType':
    case 'TsExternalModuleReference':
      return true;
    case 'ExportNamedDeclaration':
      return get(node, 'source') !== null;
    case 'CallExpression': {
      const callee = get(node, 'callee');
      return get(callee, 'type') === 'Import' || get(callee, 'value') === 'require';
    }
    default:
      return false;
  }
}

function moduleOf(node: object): unknown {
  const [first]: unknown[] = [get(node, 'arguments')].flat();
  return get(node, 'source') ?? get(node, 'argument') ?? get(node, 'expression') ?? get(first, 'expression');
}

function literalOf(node: unknown): string | undefined {
  const value = get(node, 'value');
  return get(node, 'type') === 'StringLiteral' && typeof value === 'string' ? value : undefined;
}
