/** Translates the filters of itemsets into conditions of options. */
import { type DraftOption, type Entry, type Translation, Untranslatable } from './draft.ts';
import { attempt, type Dropped } from './state.ts';
import { findEntry } from './xpath-values.ts';
import type { XPath } from './xpath.ts';

/** Turns the filter of an itemset into conditions of options, if it compares one column with an earlier answer. */
export function translateFilter(entry: Entry, translation: Translation, dropped: Dropped): void {
  const { choices, draft } = entry;
  if (choices === undefined || draft.options === undefined) return;
  const { filter } = choices;
  if (filter === undefined) {
    entry.checks.push({ what: 'options', where: 'server' });
    return;
  }
  const why = dropped.why(entry, 'filter');
  if (why !== undefined) {
    entry.checks.push({ what: 'options', where: 'phone', why });
    return;
  }
  const { options } = draft;
  const narrowed = attempt(entry, 'options', dropped, (): DraftOption[] => {
    const { column, source } = readFilter(filter.predicate, entry, translation);
    const known = new Set(source.draft.options?.map(({ name }) => name));
    const offeredBy = new Map<string, Set<string>>(options.map(({ name }) => [name, new Set()]));
    for (const { name, columns } of filter.items) {
      const value = columns.get(column) ?? '';
      if (known.has(value)) offeredBy.get(name)?.add(value);
    }
    return options.map((option) => {
      const is = [...(offeredBy.get(option.name) ?? [])];
      if (is.length === 0) throw new Untranslatable(`No answer offers the option ${option.name}.`);
      return { ...option, if: { question: source.path, is } };
    });
  });
  if (narrowed !== undefined) draft.options = narrowed;
}

function readFilter(predicate: XPath, entry: Entry, translation: Translation): { column: string; source: Entry } {
  const sides =
    predicate.kind === 'operation' && predicate.operator === '='
      ? [predicate.left, predicate.right]
      : predicate.kind === 'call' && predicate.name === 'selected'
        ? predicate.args
        : [];
  const isSelected = predicate.kind === 'call';
  const columns = sides.flatMap((side) =>
    side.kind === 'path' && side.from === 'here' && side.steps.length === 1 ? side.steps : [],
  );
  const [answer] = sides.filter((side) => side.kind === 'path' && side.from !== 'here');
  const [column] = columns;
  if (sides.length !== 2 || column?.axis !== 'child' || column.predicates.length > 0 || answer?.kind !== 'path') {
    throw new Untranslatable('The server narrows options only by one earlier answer.');
  }
  const source = findEntry(answer, { translation, entry, factOf: () => '' });
  const isEarlier = translation.entries.indexOf(source) < translation.entries.indexOf(entry);
  const isNear = source.repeats.every((path) => entry.repeats.includes(path));
  const isOne = source.draft.type === 'select_one' || (isSelected && source.draft.type === 'select_multiple');
  if (!isEarlier || !isNear || !isOne)
    throw new Untranslatable('The server narrows options only by one earlier answer.');
  return { column: column.name, source };
}
