/** XPath on JavaRosa, the engine of ODK Collect. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { describeWithBatch, fillBatch } from '../support/phone-batch.ts';
import { type Answers, answers, condition, randomXform } from '../support/random-xpath.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'translated-forms-'));

/** The answers by path, as `fillBatch` takes them. */
function orderOf({ rows, ...others }: Answers): Record<string, unknown> {
  const single = Object.entries(others).map(([name, answer]) => [`/data/${name}`, answer]);
  const lists = { age: rows.map(({ age }) => age ?? null), heads: rows.map(({ heads }) => heads) };
  return {
    ...Object.fromEntries(single),
    '/data/rows': rows.length,
    ...(rows.length > 0 && { '/data/rows/age': lists.age, '/data/rows/heads': lists.heads }),
  };
}

describeWithBatch('JavaRosa', () => {
  test('evaluates random expressions like the evaluator of the tests', async () => {
    const seed = 20261122;
    const expressions = fc.sample(condition, { seed, numRuns: 300 });
    const responses = fc.sample(answers, { seed, numRuns: 20 });
    const form = path.join(folder, 'random.xml');
    writeFileSync(
      form,
      randomXform(
        '',
        expressions.map(({ text }) => `if(${text}, 'true', 'false')`),
      ),
    );

    const filled = await fillBatch(responses.map((response) => ({ form, answers: orderOf(response) })));

    const differing = responses.flatMap((response, place) =>
      expressions.filter(({ of }, index) => {
        const [, calculated] = new RegExp(`<c${index}>(.*?)</c${index}>`).exec(filled[place]?.submission ?? '') ?? [];
        return calculated !== String(of(response));
      }),
    );
    expect(differing.map(({ text }) => text)).toEqual([]);
  });
});
