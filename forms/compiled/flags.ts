import { type Answer, maxLength } from '../values/answer.ts';
import { MAX_BYTES_PER_UNIT } from '../values/text.ts';

/** A rule that a response breaks, and what its collector can do about it. */
export type Flag = {
  /** The rule's name. */
  readonly rule: string;
  /** The rule's message with its placeholders replaced: answers as submitted, derived facts in plain decimals. */
  readonly message: string;
  /** JSON pointer to the entry of a repeat in which the rule is broken, such as `/members/2`. */
  readonly entry?: string | undefined;
  /** The paths of the questions that the rule compares, directly or through derived facts, in the form's order. */
  readonly questions: string[];
  /** The answers to `questions`, as submitted. */
  readonly values: Record<string, Answer>;
  /** Set if the phone warned of the broken rule, and the collector confirmed the answers. */
  readonly acknowledged?: true | undefined;
};

/** Max UTF-8 bytes of a figure (the value of one placeholder) in a message. */
export const MAX_FIGURE_BYTES = 300;

/** Max UTF-8 bytes of a message. A rule's own text has at most 4,000, so only figures can exceed this. */
export const MAX_MESSAGE_BYTES = 5_000;

/**
 * Max bytes of a response's flags as JSON. Together with a response of 256,000 bytes they fit one SQS message (1 MiB);
 * the event that contains them fits one SNS message (256 KiB).
 */
export const MAX_FLAGS_BYTES = 64_000;

const ELLIPSIS = '…';

/** Cuts a text to at most `bytes` of UTF-8, including the ellipsis. A text that fits is returned unchanged. */
export function cutText(text: string, bytes: number): string {
  if (text.length * MAX_BYTES_PER_UNIT <= bytes || Buffer.byteLength(text) <= bytes) return text;
  const room = new Uint8Array(Math.max(0, bytes - Buffer.byteLength(ELLIPSIS)));
  return text.slice(0, new TextEncoder().encodeInto(text, room).read) + ELLIPSIS;
}

/**
 * Shortens flags to at most `bytes` of JSON; flags that fit are returned unchanged. Each flag gets an equal share of
 * the bytes: at most half of it for the message, then as many questions as fit, then as many values. The last flags are
 * dropped if not even their names fit; with {@link MAX_FLAGS_BYTES} the names of 100 rules always fit.
 */
export function fitFlags(flags: readonly Flag[], bytes: number): readonly Flag[] {
  if (maxBytes(flags) <= bytes || jsonBytes(flags) <= bytes) return flags;
  const fitted: Flag[] = [];
  let left = bytes - BRACKETS;
  for (const [index, flag] of flags.entries()) {
    const fit = fitFlag(flag, Math.floor(left / (flags.length - index)) - COMMA);
    left -= jsonBytes(fit) + COMMA;
    if (left < 0) break;
    fitted.push(fit);
  }
  return fitted;
}

const BRACKETS = 2;
const COMMA = 1;
const COLON = 1;

function fitFlag(flag: Flag, share: number): Flag {
  if (jsonBytes(flag) <= share) return flag;
  const { rule, entry, acknowledged } = flag;
  const name = { rule, ...(entry !== undefined && { entry }), ...(acknowledged && { acknowledged }) };
  let left = share - jsonBytes({ ...name, message: '', questions: [], values: {} });
  const message = cutToJson(flag.message, left / 2);
  left -= jsonBytes(message);
  const questions: string[] = [];
  for (const key of flag.questions) {
    left -= jsonBytes(key) + COMMA;
    if (left < 0) return { ...name, message, questions, values: {} };
    questions.push(key);
  }
  const values: Record<string, Answer> = {};
  for (const [key, value] of Object.entries(flag.values)) {
    left -= jsonBytes(key) + COLON + jsonBytes(value) + COMMA;
    if (left < 0) break;
    values[key] = value;
  }
  return { ...name, message, questions, values };
}

/** Tabs and line feeds are the only control characters in a text, so escaping at most doubles its length. */
function cutToJson(text: string, bytes: number): string {
  return jsonBytes(text) <= bytes ? text : cutText(text, Math.floor(bytes / 2));
}

/** A quick upper bound of the flags' bytes as JSON. Most flags are far below the limit, so JSON is rarely written. */
function maxBytes(flags: readonly Flag[]): number {
  let units = 0;
  for (const { rule, message, entry = '', questions, values } of flags) {
    units += rule.length + message.length + entry.length + FRAME_UNITS;
    // Each key is in `questions` and in `values`.
    for (const key of questions) units += 2 * key.length + maxLength(values[key] ?? '') + FRAME_UNITS;
  }
  return units * MAX_BYTES_PER_UNIT;
}

/** An upper bound for the members' names, quotes, colons and commas. */
const FRAME_UNITS = 60;

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
