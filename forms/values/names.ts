import * as z from 'zod';
import { textFault } from './text.ts';

/**
 * Names that access an object's prototype. No key, column, fact or rule may have such a name, so code that handles
 * forms can use plain objects.
 */
const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** One line of text, without leading or trailing blanks. */
export const line = (maxLength: number) =>
  z
    .string()
    .min(1)
    .superRefine((text, context) => {
      const detail =
        textFault(text, { max_length: maxLength, multiline: false }) ??
        (text === text.trim() ? undefined : 'Remove the blanks at the start and the end.');
      if (detail !== undefined) context.addIssue({ code: 'custom', message: detail });
    });

/** A text that is not a name reserved by JavaScript. */
export const unreserved = (schema: z.ZodString) =>
  schema.refine((name) => !PROTOTYPE_KEYS.has(name), 'Choose another name; this one is reserved by JavaScript.');

/** The id of a form, or the name of a question or a derived fact. */
export const identifier = unreserved(
  z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, {
    abort: true,
    error: 'Use a lowercase letter, then up to 62 lowercase letters, digits or underscores.',
  }),
);

/** The name of an XML element, without a prefix. */
export const elementName = unreserved(
  z.string().regex(/^[\p{L}_][\p{L}\p{M}\p{N}._-]{0,199}$/u, {
    abort: true,
    error: 'Use a letter or an underscore, then up to 199 letters, digits, dots, hyphens or underscores.',
  }),
);
