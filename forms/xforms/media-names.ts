/** The files that an XForm shows or reads: pictures and sounds of labels, and lists. Phones download them too. */
import { elementsIn, type XmlElement } from './xml.ts';

/** `jr://images/well.png`, `jr://file-csv/cities.csv`; not `jr://instance/last-saved`, which the phone itself has. */
const REFERENCE = /^\s*jr:\/\/(?:images|audio|video|file|file-csv)\/(.+?)\s*$/;

/** The first argument of functions that read a CSV file by its name without the ending: `pulldata('cities', ...)`. */
const LOOKUP = /\b(?:pulldata|search)\(\s*(?:'([^']+)'|"([^"]+)")/g;

/** The list of selects with the attribute `query`. */
const EXTERNAL_CHOICES = 'itemsets.csv';

/** The names of the files, in alphabetical order. A name that a formula puts together is left out. */
export function mediaNames(root: XmlElement): string[] {
  const names = new Set<string>();
  collect(root, names);
  return [...names].toSorted();
}

function collect(element: XmlElement, names: Set<string>): void {
  const { local, attributes, children } = element;
  for (const text of [...attributes.map(({ value }) => value), ...children]) {
    if (typeof text !== 'string') continue;
    const [, referred] = REFERENCE.exec(text) ?? [];
    if (referred !== undefined) names.add(referred);
    for (const [, single, double = ''] of text.matchAll(LOOKUP)) names.add(csvOf(single ?? double));
  }
  if (local === 'input' && attributes.some(({ name }) => name === 'query')) names.add(EXTERNAL_CHOICES);
  for (const child of elementsIn(element)) collect(child, names);
}

const csvOf = (name: string): string => (/\.csv$/i.test(name) ? name : `${name}.csv`);
