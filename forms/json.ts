import type { Fault } from './fault.ts';

/** Deepest nesting of arrays and objects that is read. */
export const MAX_JSON_DEPTH = 20;

/**
 * A number whose text is not how JavaScript writes its value: `12.10`, `1e2`, `1e400`, `-0`, `0.12345678901234567`.
 * It keeps the text that was sent, so that validation can judge that and not what a double made of it.
 */
export class JsonNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  /** Written back as the nearest double, which is what any other JSON reader would have made of it. */
  toJSON(): number {
    return Number(this.source);
  }
}

/** What was read, or why nothing could be. */
export type JsonResult = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly fault: Fault };

/** One line of NDJSON: `index` counts the lines that are not blank, from 0. */
export type NdjsonLine = JsonResult & { readonly index: number };

/*
 * Keeping the text of numbers takes a reviver, which makes JSON.parse some five times slower. It is called for only where
 * the text may hold a number that JavaScript would write otherwise: an exponent, a last zero after the point, -0, 16 digits
 * or more, or one that is so small that it is written with an exponent. A look-alike inside a string costs time only.
 */
const UNUSUAL_NUMBER =
  /(?:^|[\s:,[])-?(?:\d+\.\d*0(?=[\s,}\]]|$)|\d+(?:\.\d+)?[eE]|(?<=-)0(?![.\d])|0\.00000|[\d.]{16})/;

/**
 * Reads JSON text; a byte order mark before it is passed over. A key `__proto__` arrives as an own key like any other.
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
 * Reads newline-delimited JSON: lines end with LF or CRLF, blank ones are passed over, a byte order mark is too.
 * Each other line is read by itself, so that one that is not JSON spoils no other.
 *
 * @param limit stop after this many lines: one more than a caller takes is enough to refuse the rest unread
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
  if (json.trim() === '') return fault('Send JSON; there is nothing here.');
  // The engine's own message quotes what was sent and changes with its version; only the position is of use.
  const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  return fault(
    `Send valid JSON${position === undefined ? '' : `; it cannot be read from character ${Number(position) + 1} on`}.`,
  );
}

function fault(detail: string): JsonResult {
  return { ok: false, fault: { pointer: '', detail } };
}

/** Whether what `parseJson` read is an object: no array, no null, and no number that kept its text. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);
}
