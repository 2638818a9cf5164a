import { readFileSync } from 'node:fs';
import path from 'node:path';
import { columnsOf, type Question, questionSchema } from './index.ts';

test('docs/forms.md has a row for each question type', () => {
  const docs = readFileSync(path.join(__dirname, '../../docs/forms.md'), 'utf8');
  const [, table = ''] = docs.split('| type | what it takes |');
  const rows = [
    ...table
      .split('\n\n', 1)
      .join()
      .matchAll(/^\| `(\w+)` /gm),
  ].map(([, type]) => type);

  expect(new Set(rows)).toEqual(new Set<unknown>(questionSchema.options.map(({ shape }) => shape.type.value)));
});

test('a stored question of a type that only a newer release knows is a column of text', () => {
  const stored = { key: 'where', column: 'place', type: 'from_the_future', required: true } as unknown as Question;

  expect(columnsOf(stored)).toEqual([{ name: 'where', type: 'text' }]);
});
