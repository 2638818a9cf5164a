/** Answers in a repeat, written to a CSV file and read from it again, have the same content. */
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { csvHeader, csvLines } from '../../collect-lambdas/sheets/csv.ts';
import type { Cell } from '../../db-proxy-lambda/contract.ts';
import { addCells, entriesOf } from '../../db-proxy-lambda/forms/entries.ts';
import { mergeVersions } from '../../db-proxy-lambda/forms/form-columns.ts';
import { compileForm } from '../../forms/compiled/compiled-form.ts';
import { readDefinition } from '../support/form-samples.ts';
import { RANDOM_ANSWERS } from '../support/random-answers.ts';
import { metadata } from '../support/responses.ts';

type Row = Record<string, string>;

const PATH = 'house/people/job/q';
const COPY = 'house/people/job/copy';
const PLACE = ['latitude', 'longitude', 'altitude', 'accuracy'];

/** Readers for types whose answer is not the plain text of one column. */
const READERS: Record<string, (row: Row, text: string) => unknown> = {
  integer: (_row, text) => Number(text),
  boolean: (_row, text) => text === 'true',
  // A copy that a calculation makes is JSON.
  select_multiple: (_row, text) => (text.startsWith('[') ? JSON.parse(text) : text.split(' ')),
  geopoint: (row) =>
    Object.fromEntries(
      PLACE.map((part): [string, string] => [part, row[`${PATH}_${part}`] ?? ''])
        .filter(([, text]) => text !== '')
        .map(([part, text]) => [part, Number(text)]),
    ),
};

const { note: _note, calculate: _calculate, ...answered } = RANDOM_ANSWERS;

describe.each(Object.entries(answered))('answers of the type %s', (type, [members, answers]) => {
  const question = { name: 'q', type, ...members, required: false };
  // A place cannot be computed.
  const isCopied = type !== 'geopoint';
  const copy = { name: 'copy', type: 'calculate', value: PATH };
  const job = { name: 'job', type: 'group', questions: isCopied ? [question, copy] : [question] };
  const people = { name: 'people', type: 'repeat', questions: [job] };
  const definition = readDefinition({
    form_id: 'homes',
    title: 'Homes',
    questions: [{ name: 'house', type: 'group', questions: [people] }],
  });
  const form = compileForm(definition, 1);
  const table = mergeVersions('homes', [JSON.stringify(definition)], false).tables.find(
    ({ name }) => name === 'homes.house.people',
  );
  if (table === undefined) throw new Error('The repeat has no table.');

  const read = (answersOfPeople: unknown[]) => {
    const entries = answersOfPeople.map((q) => (q === undefined ? {} : { job: { q } }));
    const result = form.readSubmission({ ...metadata(), response_id: 'r-1', house: { people: entries } });
    if (!result.ok) throw new Error(JSON.stringify([answersOfPeople, result.errors]));
    return result.submission;
  };

  test('are in a column of the same type if a calculation copies them', () => {
    const typeOf = (path: string) => table.answers.find(({ name }) => name === path)?.type;
    expect(typeOf(COPY)).toBe(isCopied ? typeOf(PATH) : undefined);
  });

  test('are the same when they are read back from a CSV file, and so are copies of them that a calculation makes', () => {
    // A CSV file does not distinguish an empty answer from a missing one.
    const isShown = (answer: unknown) => answer !== '' && !(Array.isArray(answer) && answer.length === 0);
    fc.assert(
      fc.property(fc.array(fc.option(answers.filter(isShown), { nil: undefined }), { maxLength: 4 }), (sent) => {
        const { response, content_hash: hash } = read(sent);
        const stored: Record<string, unknown> = JSON.parse(JSON.stringify(response));
        const rows = Array.from(entriesOf(stored, table.lists), (entry) => {
          const row: Cell[] = [];
          addCells(row, entry.answers, table.blocks);
          // A file with one empty column would have empty lines.
          return [...entry.positions, ...row];
        });
        const columns = [{ name: 'position', type: 'number' as const }, ...table.answers];

        const parsed: Row[] = parse(csvHeader(columns) + csvLines(columns)(rows), { columns: true });

        const answersIn = (path: string) =>
          parsed.map((row) => {
            const text = (row[path] ?? '').replace(/^'/, '');
            const isEmpty = Object.entries(row).every(([name, cell]) => name === 'position' || cell === '');
            if (isEmpty) return undefined;
            return READERS[type]?.(row, text) ?? text;
          });
        expect(parsed.map(({ position }) => position)).toEqual(sent.map((_, index) => String(index + 1)));
        const paths = isCopied ? [PATH, COPY] : [PATH];
        expect(paths.map((path) => read(answersIn(path)).content_hash)).toEqual(paths.map(() => hash));
      }),
    );
  });
});
