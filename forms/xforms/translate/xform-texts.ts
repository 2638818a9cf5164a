/** The labels, hints and messages of an XForm, in its languages. */
import { LIMITS } from '../../values/limits.ts';
import { attributeOf, elementIn, elementsIn, type XmlElement } from '../xml.ts';

/** A text for people: one for all languages, or one per language tag. */
export type Texts = string | { readonly [tag: string]: string };

/** Reads texts. Each is cut to the limit of a label; a value shown in a text becomes `…`. */
export type TextReader = {
  /** The text of a label, a hint or an option; undefined if it has none. */
  readonly of: (element: XmlElement | undefined) => Texts | undefined;
  /** The text with this id of the itext; undefined if there is none. */
  readonly byId: (id: string) => Texts | undefined;
  /** The text of an attribute: itself, or that of the itext which it names, in the first language that has it. */
  readonly ofAttribute: (value: string) => string | undefined;
  /** The names of languages beyond the limit; their texts are left out. */
  readonly leftOut: readonly string[];
};

const ITEXT = /^\s*jr:itext\(\s*(?:'([^']*)'|"([^"]*)")\s*\)\s*$/;

/** @param model the element of the XForm that contains the itext */
export function textReader(model: XmlElement | undefined): TextReader {
  const translations = elementsIn(model ?? NOTHING, 'itext').flatMap((itext) => elementsIn(itext, 'translation'));
  const names = translations.map((each) => attributeOf(each, 'lang') ?? 'default');
  // The default language comes first, because messages are in one language.
  const isDefault = (index: number) => attributeOf(translations[index] ?? NOTHING, 'default') !== undefined;
  const order = names.map((_, index) => index).toSorted((a, b) => Number(isDefault(b)) - Number(isDefault(a)));
  const tags = tagsOf(order.map((index) => names[index] ?? ''));
  const languages = order
    .slice(0, LIMITS.languages)
    .map((index, place) => [tags[place] ?? '', textsIn(translations[index] ?? NOTHING)] as const);

  const byId = (id: string): Texts | undefined => {
    const found = languages.flatMap(([tag, texts]) => {
      const text = texts.get(id);
      return text === undefined ? [] : [[tag, text] as const];
    });
    const [first] = found;
    if (first === undefined) return undefined;
    return languages.length === 1 && first[0] === 'default' ? first[1] : Object.fromEntries(found);
  };
  return {
    byId,
    of: (element) => {
      if (element === undefined) return undefined;
      const id = idOf(attributeOf(element, 'ref') ?? '');
      return id === undefined ? plainText(element) : byId(id);
    },
    ofAttribute: (value) => {
      const id = idOf(value);
      return firstOf(id === undefined ? value : byId(id));
    },
    leftOut: order.slice(LIMITS.languages).map((index) => names[index] ?? ''),
  };
}

/** The id in `jr:itext('id')`. */
function idOf(value: string): string | undefined {
  const [, single, double] = ITEXT.exec(value) ?? [];
  return single ?? double;
}

const NOTHING: XmlElement = { name: '', local: '', uri: '', attributes: [], children: [], line: 0 };

/** A text in its first language. */
export function firstOf(texts: Texts | undefined): string | undefined {
  return typeof texts === 'object' ? Object.values(texts)[0] : texts;
}

/** The texts of a language by their ids. Images, sounds and long guidance are left out. */
function textsIn(translation: XmlElement): Map<string, string> {
  const texts = new Map<string, string>();
  for (const element of elementsIn(translation, 'text')) {
    const id = attributeOf(element, 'id');
    const forms = new Map(elementsIn(element, 'value').map((value) => [attributeOf(value, 'form') ?? 'long', value]));
    const value = forms.get('long') ?? forms.get('short');
    const text = value === undefined ? undefined : plainText(value);
    if (id !== undefined && text !== undefined) texts.set(id, text);
  }
  return texts;
}

/** The text of an element, without markup; undefined if it is blank. */
function plainText(element: XmlElement): string | undefined {
  const shown = (inside: XmlElement): string =>
    inside.children
      .map((child) => (typeof child === 'string' ? child : child.local === 'output' ? '…' : shown(child)))
      .join('');
  return cut(shown(element), LIMITS.label);
}

/** A text without control characters and blanks around it, cut to a number of characters; undefined if it is blank. */
export function cut(text: string, most: number): string | undefined {
  const clean = text
    .toWellFormed()
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/ ?\n ?/g, '\n')
    .replaceAll(/[^\P{Cc}\n]/gu, '')
    .trim();
  const characters = Array.from(clean);
  const short =
    characters.length <= most
      ? clean
      : `${characters
          .slice(0, most - 1)
          .join('')
          .trimEnd()}…`;
  return short === '' ? undefined : short;
}

/** A text on one line. */
export function oneLine(text: string, most: number): string | undefined {
  return cut(text.replaceAll(/\s+/g, ' '), most);
}

/** Language tags for the names of languages: the code in `English (en)`, or the name itself as far as a tag allows. */
function tagsOf(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name, index) => {
    const code = /\(\s*([A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)\s*\)\s*$/.exec(name)?.[1];
    const letters = name.normalize('NFKD').replaceAll(/[^A-Za-z]/g, '');
    const own = /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/.test(name) ? name : letters.slice(0, 8);
    const wanted = code ?? (own.length < 2 ? `und-${index + 1}` : own);
    let tag = wanted;
    for (let number = 2; taken.has(tag.toLowerCase()); number += 1) tag = `${wanted}-${number}`;
    taken.add(tag.toLowerCase());
    return tag;
  });
}

/** The first element inside with this name, as a text. */
export function textOfChild(reader: TextReader, element: XmlElement, local: string): Texts | undefined {
  return reader.of(elementIn(element, local));
}
