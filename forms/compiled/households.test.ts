import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { compileForm } from './compiled-form.ts';
import { householdFinances } from '../definition/household-finances.ts';
import { parseNdjson } from '../values/json.ts';
import { compileRules } from './rules.ts';

const folder = resolve('../shared/data/households');

if (existsSync(folder)) {
  test('the thousand real households get the flags that exact arithmetic gives them', async () => {
    const form = compileForm(householdFinances, 1);
    const rules = compileRules(householdFinances);
    const lines = readFileSync(resolve(folder, 'expected-flags.csv'), 'utf8').trim().split('\n').slice(1);
    const expected = lines.map((line) => {
      const [response_id = '', , flags = ''] = line.split(',');
      return [response_id, flags];
    });

    const flagged: string[][] = [];
    for (const line of parseNdjson(readFileSync(resolve(folder, 'responses.ndjson'), 'utf8'))) {
      const result = line.ok ? form.readSubmission(line.value) : line;
      if (!('submission' in result)) throw new Error(JSON.stringify(result));
      const flags = await rules.check(result.submission.response);
      flagged.push([result.submission.response_id, flags.map(({ rule }) => rule).join(';')]);
    }

    expect(flagged).toHaveLength(1000);
    expect(flagged).toEqual(expected);
    expect(flagged.filter(([, flags]) => flags !== '')).toHaveLength(120);
  });
} else {
  const message = `The households are not checked: ${folder} is not here.`;
  test('the thousand real households are not checked, because their folder is absent', () => {
    process.stderr.write(`${message}\n`);
    expect(existsSync(folder)).toBe(false);
  });
}
