/** Writes XML. */
import { escapeXml } from '../xml.ts';

type Attributes = Readonly<Record<string, string | undefined>>;

/** An element. Attributes that are undefined are left out. @param content XML, not text */
export function tag(name: string, attributes: Attributes, ...content: readonly string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([attribute, value = '']) => ` ${attribute}="${text(value)}"`)
    .join('');
  const inside = content.join('');
  return inside === '' ? `<${name}${written}/>` : `<${name}${written}>${inside}</${name}>`;
}

/** A text as content, or as an attribute in double quotes. Expressions are full of single quotes. */
export function text(content: string): string {
  return escapeXml(content).replaceAll('&apos;', "'");
}
