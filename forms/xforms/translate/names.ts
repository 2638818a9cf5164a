/** Keys and names of questions, made from the names of their elements. */
import { METADATA, STATE_HEADERS, SYSTEM_COLUMNS } from '../../definition/metadata.ts';
import { nameOf } from '../../question-types/index.ts';
import { sentKey } from '../../question-types/calculate.ts';

const MAX_KEY = 200;
const MAX_NAME = 63;
const PLACE_COLUMNS = ['latitude', 'longitude', 'altitude', 'accuracy'];

/** Chooses keys and names that no other column of an export has. */
export class Names {
  readonly #headers = new Set<string>([...METADATA.map(({ key }) => key), ...STATE_HEADERS]);
  readonly #names = new Set<string>([...METADATA.map(nameOf), ...SYSTEM_COLUMNS]);

  /**
   * @param element the local name of the element
   * @param around the path and the names of the section
   * @param columns the endings of its columns, if it is a place or a calculation
   */
  choose(
    element: string,
    around: { readonly path: string; readonly names: string },
    columns: 'place' | 'calculation' | 'one',
  ): { key: string; name: string } {
    const key = free(around.path, element.slice(0, MAX_KEY), columns, this.#headers, MAX_KEY);
    const name = free(around.names, identifierFrom(element), columns, this.#names, MAX_NAME);
    return { key, name };
  }
}

/** Reserves the columns of a word. @returns the wanted word, with a number appended if it is taken */
function free(around: string, wanted: string, columns: string, taken: Set<string>, most: number): string {
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? '' : `_${number}`;
    const word = wanted.slice(0, most - suffix.length) + suffix;
    const path = around === '' ? word : `${around}/${word}`;
    const all = columnsOf(path, columns).map((column) => column.toLowerCase());
    if (all.some((column) => taken.has(column))) continue;
    for (const column of all) taken.add(column);
    return word;
  }
}

function columnsOf(path: string, columns: string): string[] {
  if (columns === 'place') return [path, ...PLACE_COLUMNS.map((part) => `${path}_${part}`)];
  return columns === 'calculation' ? [path, sentKey(path)] : [path];
}

/** A lowercase identifier like the name of an element. */
function identifierFrom(element: string): string {
  const word = element
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  const identifier = /^[a-z]/.test(word) ? word : `q_${word}`.replace(/_$/, '');
  return identifier === 'constructor' || identifier === 'prototype' ? `${identifier}_2` : identifier;
}
