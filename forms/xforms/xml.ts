/** Reads XML into a small tree, strictly. Forms and submissions come from strangers, so every bound is checked here. */
import { SaxesParser, type SaxesTagNS } from 'saxes';

/** An attribute. `uri` is its namespace, '' if it has none. Namespace declarations are not attributes. */
export type XmlAttribute = {
  readonly name: string;
  readonly local: string;
  readonly uri: string;
  readonly value: string;
};

/**
 * An element. `name` is as written, with its prefix; `local` is without it; `uri` is the namespace, '' if it has none.
 * `children` are elements and texts in their order, texts with entities resolved and CDATA included. `line` counts
 * from 1.
 */
export type XmlElement = {
  readonly name: string;
  readonly local: string;
  readonly uri: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly (XmlElement | string)[];
  readonly line: number;
};

/** Levels of elements that a form or a submission may have. */
export const MAX_XML_DEPTH = 100;

/** Bounds of a document. */
export type XmlLimits = {
  /** Max levels of elements; the root is at level 1. The parser's time grows with the square of the depth. */
  readonly maxDepth: number;
  /** Max size in UTF-8 bytes. */
  readonly maxBytes: number;
};

/** Why a document was refused. The message begins with the place and says what to do. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
  /** Counts from 1. */
  readonly line: number;
  /** Characters before the place in its line. */
  readonly column: number;

  constructor(detail: string, line: number, column: number) {
    super(`Line ${line}, column ${column}: ${detail}`);
    this.line = line;
    this.column = column;
  }
}

type Open = XmlElement & { readonly children: (XmlElement | string)[] };

/**
 * Parses a document with namespaces. Comments and processing instructions are left out.
 *
 * @throws {XmlError} for malformed XML, duplicate attributes, unbound prefixes, a DOCTYPE, entities other than those of
 * XML, content after the root, and documents beyond a limit
 */
export function parseXml(text: string, { maxDepth, maxBytes }: XmlLimits): XmlElement {
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) throw new XmlError(`Send at most ${maxBytes} bytes of XML; this has ${bytes}.`, 1, 0);

  const parser = new SaxesParser({ xmlns: true });
  const refuse = (detail: string): never => {
    throw new XmlError(detail, parser.line, parser.column);
  };
  const open: Open[] = [];
  let root: XmlElement | undefined;
  const addText = (content: string) => {
    const parent = open.at(-1);
    if (parent === undefined || content === '') return;
    const last = parent.children.at(-1);
    if (typeof last === 'string') parent.children[parent.children.length - 1] = last + content;
    else parent.children.push(content);
  };
  parser.on('error', ({ message }) => refuse(`Send well-formed XML: ${message.replace(/^\d+:\d+: /, '')}`));
  parser.on('doctype', () => refuse('Remove the DOCTYPE; it is not accepted.'));
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('opentag', (tag) => {
    if (open.length >= maxDepth) refuse(`Nest elements at most ${maxDepth} deep.`);
    const element = elementOf(tag, parser.line);
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());

  parser.write(text).close();
  return root ?? refuse('Send an XML document with a root element.');
}

function elementOf({ name, local, uri, attributes }: SaxesTagNS, line: number): Open {
  const own = Object.values(attributes)
    .filter(({ name: attribute, prefix }) => prefix !== 'xmlns' && attribute !== 'xmlns')
    .map((attribute) => ({
      name: attribute.name,
      local: attribute.local,
      uri: attribute.uri,
      value: attribute.value,
    }));
  return { name, local, uri, attributes: own, children: [], line };
}

/** Escapes a text for use as content or as the value of an attribute in double or single quotes. */
export function escapeXml(text: string): string {
  return text.replaceAll(/[&<>"'\t\n\r]/g, (character) => ESCAPES[character] ?? character);
}

/** Parsers turn a raw carriage return into a line feed, and raw tabs and line feeds in attributes into blanks. */
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** The elements directly inside an element, in order. @param local only those with this local name */
export function elementsIn({ children }: XmlElement, local?: string): XmlElement[] {
  return children.filter(
    (child): child is XmlElement => typeof child !== 'string' && (local === undefined || child.local === local),
  );
}

/** The first element directly inside an element with this local name. */
export function elementIn(element: XmlElement, local: string): XmlElement | undefined {
  return elementsIn(element, local)[0];
}

/** The value of an attribute. @param uri its namespace; '' is none */
export function attributeOf({ attributes }: XmlElement, local: string, uri = ''): string | undefined {
  return attributes.find((attribute) => attribute.local === local && attribute.uri === uri)?.value;
}

/** All text inside an element, in order, as it is: blanks are kept. */
export function textIn({ children }: XmlElement): string {
  return children.map((child) => (typeof child === 'string' ? child : textIn(child))).join('');
}
