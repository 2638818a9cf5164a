/** The texts of a generated form: plain, or in several languages (`itext`). */
import type { FormDefinition } from '../../definition/form-definition.ts';
import { isSection, type Item } from '../../question-types/index.ts';
import { tag, text } from './tag.ts';

/** A text for all languages, or one for each. */
export type Texts = string | Readonly<Record<string, string>>;

/** Collects the texts of a form while its model and body are written. */
export type TextCollector = {
  readonly languages: readonly string[];
  /** An element, such as a label, with a text. @param id of the text; unique in the form */
  readonly element: (name: string, id: string, texts: Texts) => string;
  /** The value of an attribute, such as `jr:constraintMsg`. */
  readonly attribute: (id: string, texts: Texts) => string;
  /** Adds a text to `itext` even if it has no languages. @returns its id */
  readonly id: (id: string, texts: Texts) => string;
  /** The element `itext`; '' if all texts are plain. */
  readonly written: () => string;
};

/** @param languages the first is the default */
export function collectTexts(languages: readonly string[]): TextCollector {
  const collected = new Map<string, Texts>();
  const reference = (id: string, texts: Texts) => {
    collected.set(id, texts);
    return `jr:itext('${id}')`;
  };
  const isPlain = (texts: Texts): texts is string => typeof texts === 'string';
  return {
    languages,
    element: (name, id, texts) =>
      isPlain(texts) ? tag(name, {}, text(texts)) : tag(name, { ref: reference(id, texts) }),
    attribute: (id, texts) => (isPlain(texts) ? texts : reference(id, texts)),
    id: (id, texts) => {
      reference(id, texts);
      return id;
    },
    written: () => (collected.size === 0 ? '' : tag('itext', {}, ...translations(languages, collected))),
  };
}

function translations(languages: readonly string[], collected: ReadonlyMap<string, Texts>): string[] {
  return languages.map((lang, index) =>
    tag(
      'translation',
      { lang, default: index === 0 ? 'true()' : undefined },
      ...Array.from(collected, ([id, texts]) =>
        tag('text', { id }, tag('value', {}, text(inLanguage(texts, lang, languages)))),
      ),
    ),
  );
}

/** Engines refuse a form in which a text lacks a language, so the text of another language is used for it. */
function inLanguage(texts: Texts, language: string, languages: readonly string[]): string {
  if (typeof texts === 'string') return texts;
  return [language, ...languages].map((each) => texts[each]).find((each) => each !== undefined) ?? '';
}

/** The languages of a form's labels and hints, in the order in which they appear. */
export function languagesOf({ questions }: Pick<FormDefinition, 'questions'>): string[] {
  return [
    ...new Set(questions.flatMap(textsOf).flatMap((texts) => (typeof texts === 'string' ? [] : Object.keys(texts)))),
  ];
}

function textsOf(item: Item): Texts[] {
  const options =
    'options' in item ? item.options.map((each) => (typeof each === 'string' ? undefined : each.label)) : [];
  const inside = isSection(item) ? item.questions.flatMap(textsOf) : [];
  return [item.label, item.hint, ...options].filter((each) => each !== undefined).concat(inside);
}
