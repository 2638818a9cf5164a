import { readFileSync } from 'node:fs';
import path from 'node:path';
import { questionSchema } from './index.ts';

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
