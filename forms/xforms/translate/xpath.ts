/** Parses the XPath expressions of XForms. Nothing evaluates them: conditions.ts translates some. */

/** A part of a path. `other` stands for axes and node tests that are not translated, such as `@id` and `*`. */
export type Step = {
  readonly axis: 'child' | 'parent' | 'self' | 'other';
  /** The local name of a child; '' otherwise. */
  readonly name: string;
  readonly predicates: readonly XPath[];
};

/** A path from the root, from the context node, or from the value of a function such as `instance('x')`. */
export type PathExpression = {
  readonly kind: 'path';
  readonly from: 'root' | 'here' | XPath;
  readonly steps: readonly Step[];
};

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | 'div' | 'mod' | '|';

/** An expression. `any` is `or`, `all` is `and`. Numbers are as written. */
export type XPath =
  | { readonly kind: 'number'; readonly value: string }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly XPath[] }
  | { readonly kind: 'any' | 'all'; readonly parts: readonly XPath[] }
  | { readonly kind: 'negative'; readonly operand: XPath }
  | { readonly kind: 'operation'; readonly operator: Operator; readonly left: XPath; readonly right: XPath }
  | PathExpression;

/** An expression that is not XPath, or too large. The message is a sentence. */
export class XPathError extends Error {
  override readonly name = 'XPathError';
}

/** Max tokens of an expression, and max depth of its parentheses. They bound the time and the stack. */
const MAX_TOKENS = 2_000;
const MAX_DEPTH = 50;

/** A token. An `operator` is one of the words and, or, div, mod, or `*`, where XPath expects an operator. */
type Token = { readonly type: 'number' | 'text' | 'name' | 'symbol' | 'operator' | 'end'; readonly text: string };

const TOKEN =
  /\s*(?:(?<number>\d+(?:\.\d*)?|\.\d+)|"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<name>[\p{L}_][\p{L}\p{M}\p{N}._-]*(?::(?!:)(?:\*|[\p{L}_][\p{L}\p{M}\p{N}._-]*))?)|(?<symbol>::|\.\.|\/\/|<=|>=|!=|[./|<>=+\-*()[\],@$]))/uy;

const END: Token = { type: 'end', text: 'the end' };

function tokensOf(expression: string): Token[] {
  const tokens: Token[] = [];
  const text = expression.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const { groups = {} } = TOKEN.exec(text) ?? {};
    if (tokens.length >= MAX_TOKENS) throw new XPathError('The expression is too long.');
    const literal = groups['double'] ?? groups['single'];
    if (groups['number'] !== undefined) tokens.push({ type: 'number', text: groups['number'] });
    else if (literal !== undefined) tokens.push({ type: 'text', text: literal });
    else if (groups['name'] !== undefined)
      tokens.push({ type: wordType(groups['name'], tokens), text: groups['name'] });
    else if (groups['symbol'] === undefined) {
      throw new XPathError(`The expression has an error at ${JSON.stringify(text.slice(at, at + 20).trim())}.`);
    } else {
      const isOperator = groups['symbol'] === '*' && endsOperand(tokens);
      tokens.push({ type: isOperator ? 'operator' : 'symbol', text: groups['symbol'] });
    }
  }
  return tokens;
}

const WORDS: ReadonlySet<string> = new Set(['and', 'or', 'div', 'mod']);

function wordType(name: string, before: readonly Token[]): 'name' | 'operator' {
  return WORDS.has(name) && endsOperand(before) ? 'operator' : 'name';
}

/** Whether an operator must follow: https://www.w3.org/TR/1999/REC-xpath-19991116/#exprlex. */
function endsOperand(before: readonly Token[]): boolean {
  const last = before.at(-1);
  if (last === undefined || last.type === 'operator') return false;
  return last.type !== 'symbol' || [')', ']', '.', '..', '*'].includes(last.text);
}

/** The binary operators, from the weakest to the strongest. */
const LEVELS: readonly (readonly string[])[] = [
  ['=', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', 'div', 'mod'],
];

/**
 * Parses an expression of XPath 1.0 as XForms use it. Prefixes of names are left out.
 *
 * @throws {XPathError} if it is not XPath or too large
 */
export function parseXPath(expression: string): XPath {
  const tokens = tokensOf(expression);
  let position = 0;
  let depth = 0;
  const peek = (ahead = 0) => tokens[position + ahead] ?? END;
  const next = () => tokens[position++] ?? END;
  const is = (text: string, ahead = 0) =>
    peek(ahead).text === text && ['symbol', 'operator'].includes(peek(ahead).type);
  const fail = (): never => {
    throw new XPathError(`The expression has an error at ${JSON.stringify(peek().text)}.`);
  };
  const expect = (text: string) => (is(text) ? next() : fail());

  function nested<T>(read: () => T): T {
    depth += 1;
    if (depth > MAX_DEPTH) throw new XPathError('The expression is nested too deep.');
    const result = read();
    depth -= 1;
    return result;
  }

  function readJoined(word: 'or' | 'and', kind: 'any' | 'all', readPart: () => XPath): XPath {
    const parts = [readPart()];
    while (is(word)) {
      next();
      parts.push(readPart());
    }
    const [first] = parts;
    return first !== undefined && parts.length === 1 ? first : { kind, parts };
  }
  const readExpression = (): XPath => readJoined('or', 'any', readAll);
  const readAll = (): XPath => readJoined('and', 'all', () => readBinary(0));

  function readBinary(level: number): XPath {
    const operators = LEVELS[level];
    if (operators === undefined) return readSigned();
    let left = readBinary(level + 1);
    while (operators.some((operator) => is(operator))) {
      left = { kind: 'operation', operator: operatorOf(next().text), left, right: readBinary(level + 1) };
    }
    return left;
  }

  function readSigned(): XPath {
    let isNegative = false;
    while (is('-')) {
      next();
      isNegative = !isNegative;
    }
    let operand = readPath();
    while (is('|')) {
      next();
      operand = { kind: 'operation', operator: '|', left: operand, right: readPath() };
    }
    return isNegative ? { kind: 'negative', operand } : operand;
  }

  function readPath(): XPath {
    const token = peek();
    if (token.type === 'number') return { kind: 'number', value: next().text };
    if (token.type === 'text') return { kind: 'text', value: next().text };
    if (is('/') || is('//')) {
      const isOther = next().text === '//';
      const steps = isOther || startsStep() ? readSteps() : [];
      return { kind: 'path', from: 'root', steps: isOther ? [OTHER, ...steps] : steps };
    }
    const isCall = token.type === 'name' && is('(', 1);
    if (!is('(') && !isCall) return { kind: 'path', from: 'here', steps: readSteps() };
    const value = is('(') ? readParentheses() : readCall();
    const predicates = readPredicates();
    if (predicates.length === 0 && !is('/') && !is('//')) return value;
    const own: Step[] = predicates.length === 0 ? [] : [{ axis: 'self', name: '', predicates }];
    if (!is('/') && !is('//')) return { kind: 'path', from: value, steps: own };
    if (next().text === '//') own.push(OTHER);
    return { kind: 'path', from: value, steps: [...own, ...readSteps()] };
  }

  function readParentheses(): XPath {
    expect('(');
    const inside = nested(readExpression);
    expect(')');
    return inside;
  }

  function readCall(): XPath {
    const name = localName(next().text);
    expect('(');
    const args: XPath[] = [];
    while (!is(')')) {
      if (args.length > 0) expect(',');
      args.push(nested(readExpression));
    }
    expect(')');
    return { kind: 'call', name, args };
  }

  function startsStep(): boolean {
    return peek().type === 'name' || ['.', '..', '@', '*'].some((symbol) => is(symbol));
  }

  function readSteps(): Step[] {
    const steps = [readStep()];
    while (is('/') || is('//')) {
      if (next().text === '//') steps.push(OTHER);
      steps.push(readStep());
    }
    return steps;
  }

  function readStep(): Step {
    const token = peek();
    if (is('.') || is('..')) {
      next();
      return { axis: token.text === '.' ? 'self' : 'parent', name: '', predicates: readPredicates() };
    }
    const isOther = is('@') || (token.type === 'name' && is('::', 1) && token.text !== 'child');
    if (is('@')) next();
    else if (token.type === 'name' && is('::', 1)) position += 2;
    if (is('*')) {
      next();
      return { ...OTHER, predicates: readPredicates() };
    }
    if (peek().type !== 'name') return fail();
    const name = localName(next().text);
    if (is('(')) {
      // A node test such as text() or node().
      next();
      expect(')');
      return { ...OTHER, predicates: readPredicates() };
    }
    return isOther ? { ...OTHER, predicates: readPredicates() } : { axis: 'child', name, predicates: readPredicates() };
  }

  function readPredicates(): XPath[] {
    const predicates: XPath[] = [];
    while (is('[')) {
      next();
      predicates.push(nested(readExpression));
      expect(']');
    }
    return predicates;
  }

  const result = readExpression();
  return position < tokens.length ? fail() : result;
}

const OTHER: Step = { axis: 'other', name: '', predicates: [] };

const OPERATORS: readonly Operator[] = ['=', '!=', '<', '<=', '>', '>=', '+', '-', '*', 'div', 'mod', '|'];

function operatorOf(text: string): Operator {
  const operator = OPERATORS.find((each) => each === text);
  if (operator === undefined) throw new XPathError(`The expression has an error at ${JSON.stringify(text)}.`);
  return operator;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
