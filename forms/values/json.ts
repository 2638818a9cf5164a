import type { Fault } from './fault.ts';

/** Max nesting of arrays and objects. */
export const MAX_JSON_DEPTH = 32;

/**
 * A number whose text differs from how JavaScript writes its value: `12.10`, `1e2`, `1e400`, `-0`,
 * `0.12345678901234567`. It keeps the text that was sent, so that validation checks the text instead of the rounded
 * double.
 */
export class JsonNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  /** Writes the nearest double, which is how other JSON parsers read the number. */
  toJSON(): number {
    return Number(this.source);
  }
}

/** The value, or the fault that prevents reading it. */
export type JsonResult = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly fault: Fault };

/** One line of NDJSON: `index` counts the lines that are not blank, from 0. */
type NdjsonLine = JsonResult & { readonly index: number };

/*
 * Keeping the text of numbers takes a reviver, which makes JSON.parse about five times slower. So the reviver runs only
 * if the text may hold a number that JavaScript would write differently: an exponent, a trailing zero after the point,
 * -0, 16 or more digits, or a number so small that JavaScript writes it with an exponent. A match inside a string only
 * costs time.
 */
const UNUSUAL_NUMBER =
  /(?:^|[\s:,[])-?(?:\d+\.\d*0(?=[\s,}\]]|$)|\d+(?:\.\d+)?[eE]|(?<=-)0(?![.\d])|0\.00000|[\d.]{16})/;

/**
 * Reads JSON text; skips a byte order mark. A key `__proto__` becomes an ordinary own key.
 *
 * Never throws: text that is empty, not JSON, or nested deeper than {@link MAX_JSON_DEPTH} is a fault at pointer `''`.
 */
export function parseJson(text: string): JsonResult {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return notJson(json, error);
  }
  if (isDeeperThan(value, MAX_JSON_DEPTH)) return fault(`Nest arrays and objects at most ${MAX_JSON_DEPTH} deep.`);
  return { ok: true, value: UNUSUAL_NUMBER.test(json) ? JSON.parse(json, keepNumberText) : value };
}

/**
 * Reads newline-delimited JSON: lines end with LF or CRLF; blank lines and a byte order mark are skipped. Each line is
 * read separately, so a line that is not JSON does not affect the others.
 *
 * @param limit stops after this many lines. A caller that accepts n lines sets n + 1, to see whether there are more
 */
export function parseNdjson(text: string, limit = Infinity): NdjsonLine[] {
  const lines: NdjsonLine[] = [];
  let start = text.startsWith('\uFEFF') ? 1 : 0;
  while (start < text.length && lines.length < limit) {
    const feed = text.indexOf('\n', start);
    const end = feed === -1 ? text.length : feed;
    const line = text.slice(start, end);
    if (line.trim() !== '') lines.push({ index: lines.length, ...parseJson(line) });
    start = end + 1;
  }
  return lines;
}

// TypeScript's library does not know a reviver's third argument: https://tc39.es/proposal-json-parse-with-source/
function keepNumberText(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  return typeof value !== 'number' || source === undefined || source === String(value) ? value : new JsonNumber(source);
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof member === 'object' && isDeeperThan(member, levels - 1)) return true;
  }
  return false;
}

function notJson(json: string, error: unknown): JsonResult {
  if (json.trim() === '') return fault('Send JSON; the text is empty.');
  // The engine's message quotes the input and changes between versions; only the position is stable.
  const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  return fault(
    `Send valid JSON${position === undefined ? '' : `; the error is at character ${Number(position) + 1}`}.`,
  );
}

function fault(detail: string): JsonResult {
  return { ok: false, fault: { pointer: '', detail } };
}

/** Whether a value from `parseJson` is a JSON object: not an array, null or a {@link JsonNumber}. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);
}
