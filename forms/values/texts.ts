import * as z from 'zod';
import { LIMITS } from './limits.ts';
import { textFault } from './text.ts';

const LANGUAGE = /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/;

const text = z
  .string()
  .min(1)
  .superRefine((value, context) => {
    const message = textFault(value, { max_length: LIMITS.label, multiline: true });
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

/** A text for people: one for all languages, or one per language, such as `{"en": "Name", "fr": "Nom"}`. */
export const texts = z.union(
  [
    text,
    z
      .record(z.string().regex(LANGUAGE, 'Use a language tag, such as en, fr or pt-BR.'), text)
      .refine((each) => Object.keys(each).length > 0, 'Send at least one language.')
      .refine((each) => Object.keys(each).length <= LIMITS.languages, `Send at most ${LIMITS.languages} languages.`),
  ],
  { error: 'Send text, or an object with a text per language tag, such as { "en": "Name", "fr": "Nom" }.' },
);
