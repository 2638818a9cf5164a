/**
 * Field masks: which fields of an answer a caller wants (`?fields=`), and which of a message a request sets.
 * Syntax: https://developers.google.com/workspace/sheets/api/guides/field-masks: `a.b,c(d,e/f)`, `*` is everything.
 */

/** The fields that there are. */
export interface FieldTree {
  readonly [name: string]: FieldTree | true;
}

/** The fields that were asked for; an empty mask below a name asks for all of it. */
type Mask = Map<string, Mask>;

/** The mask is not of the syntax, or names a field that is not there. */
export class FieldMaskError extends Error {
  readonly path: string;
  constructor(path: string) {
    super(`No field ${path}`);
    this.path = path;
  }
}

/**
 * What a mask asks for, as paths to leaves of the tree: `a` of `{ a: { b: true, c: true } }` is `a.b` and `a.c`.
 * @throws FieldMaskError
 */
export function leafPaths(text: string, tree: FieldTree): string[] {
  return walk(parseMask(text, tree), tree, '');
}

/**
 * The part of an answer that a mask asks for.
 * @throws FieldMaskError
 */
export function project(answer: object, text: string, tree: FieldTree): object {
  return pickFields(answer, parseMask(text, tree));
}

function parseMask(text: string, tree: FieldTree): Mask {
  const tokens = text.match(/[A-Za-z]\w*|[*.,()/]|[^\s]/g) ?? [];
  let position = 0;

  function parseList(within: FieldTree | true, into: Mask, at: string): void {
    for (;;) {
      parsePath(within, into, at);
      if (tokens[position] !== ',') return;
      position += 1;
    }
  }

  function parsePath(within: FieldTree | true, into: Mask, at: string): void {
    const name = tokens[position] ?? '';
    const path = at === '' ? name : `${at}.${name}`;
    position += 1;
    if (name === '*') {
      if (within === true) throw new FieldMaskError(path);
      for (const each of Object.keys(within)) into.set(each, new Map());
      return;
    }
    const below = within !== true && Object.hasOwn(within, name) ? within[name] : undefined;
    if (below === undefined) throw new FieldMaskError(path === '' ? text : path);
    const known = into.get(name);
    // All of a field was asked for already: a part of it adds nothing.
    const isAll = known?.size === 0;
    const child: Mask = isAll ? new Map() : (known ?? new Map());
    const separator = tokens[position];
    if (separator === '.' || separator === '/') {
      position += 1;
      parsePath(below, child, path);
    } else if (separator === '(') {
      position += 1;
      parseList(below, child, path);
      if (tokens[position] !== ')') throw new FieldMaskError(text);
      position += 1;
    } else {
      child.clear();
    }
    if (!isAll) into.set(name, child);
  }

  const mask: Mask = new Map();
  parseList(tree, mask, '');
  if (position < tokens.length) throw new FieldMaskError(text);
  return mask;
}

function walk(mask: Mask, tree: FieldTree | true, at: string): string[] {
  if (tree === true) return [at];
  const names = mask.size === 0 ? Object.keys(tree) : [...mask.keys()];
  return names.flatMap((name) =>
    walk(mask.get(name) ?? new Map(), tree[name] ?? true, at === '' ? name : `${at}.${name}`),
  );
}

function pick(value: unknown, mask: Mask): unknown {
  if (mask.size === 0 || typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? value.map((each) => pick(each, mask)) : pickFields(value, mask);
}

function pickFields(message: object, mask: Mask): object {
  const picked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(message)) {
    const below = mask.get(name);
    if (below !== undefined) picked[name] = pick(value, below);
  }
  return picked;
}
