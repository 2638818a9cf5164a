import { readFileSync } from 'node:fs';

/** The text of a document below a heading, up to the next heading of any level. */
function sectionOf(document: string, heading: string): string {
  const [, section = ''] = readFileSync(document, 'utf8').split(`\n${heading}\n`);
  const [text = ''] = section.split(/^#+ /m);
  return text;
}

/** The rows of the tables below a heading, without their heads: the cells as text, without backquotes. */
export function rowsBelow(document: string, heading: string): string[][] {
  const tables = sectionOf(document, heading).match(/^\|[^\n]*\n(?:\|[^\n]*\n)*/gm) ?? [];
  return tables.flatMap((table) =>
    table
      .trim()
      .split('\n')
      .slice(2)
      .map((row) => row.split(' | ').map((cell) => cell.replaceAll(/^\||\|$|`/g, '').trim())),
  );
}

/** The blocks of JSON below a heading. */
export function jsonBelow(document: string, heading: string): unknown[] {
  return [...sectionOf(document, heading).matchAll(/^```json\n(.*?)^```/gms)].map(([, json = '']) => JSON.parse(json));
}
