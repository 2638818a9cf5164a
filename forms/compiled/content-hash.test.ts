import * as fc from 'fast-check';
import { compileForm } from './compiled-form.ts';
import { householdFinances } from '../definition/household-finances.ts';
import { JsonNumber } from '../values/json.ts';
import { INCOME, sampleResponse } from '../../tests/support/form-samples.ts';

const hashOf = (changes: Record<string, unknown>, definition = householdFinances, version = 1): string => {
  const result = compileForm(definition, version).readSubmission(sampleResponse(changes));
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.submission.content_hash;
};

describe('the content hash', () => {
  const plain = hashOf({});

  test('is the same for every way to write an amount', () => {
    for (const amount of [5, '5', '5.00', '05', new JsonNumber('5.0')])
      expect(hashOf({ [INCOME]: amount })).toBe(hashOf({ [INCOME]: 5 }));
    for (const zero of [0, '0', '-0', '-0.00']) expect(hashOf({ [INCOME]: zero })).toBe(hashOf({ [INCOME]: 0 }));
  });

  test('is the same for every way to write an instant, and if only synced_time differs', () => {
    expect(hashOf({ submitted_time: '2026-09-01T09:00:00.000+03:00' })).toBe(plain);
    expect(hashOf({ synced_time: '2026-09-02T00:00:00Z' })).toBe(plain);
  });

  test('does not depend on the order of keys or questions, or on the version', () => {
    const turned = { ...householdFinances, questions: householdFinances.questions.toReversed() };
    expect(hashOf({}, turned, 9)).toBe(plain);
  });

  test('differs if an answer, the collector, the time of the change or the form differs', () => {
    const others = [
      { [INCOME]: 3000.01 },
      { name: 'noor' },
      { age: 42 },
      { user_id: 'c-2' },
      { last_modified_time: '2026-09-01T06:00:00.1Z' },
    ];
    const hashes = new Set([
      plain,
      ...others.map((changes) => hashOf(changes)),
      hashOf({}, { ...householdFinances, form_id: 'other' }),
    ]);
    expect(hashes.size).toBe(others.length + 2);
  });

  test('differs if text moves from one answer to another', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 9, unit: 'grapheme-ascii' }),
        fc.string({ maxLength: 9, unit: 'grapheme-ascii' }),
        (name, email) => {
          fc.pre(name !== email);
          const [first, second] = [`a${name}`, `a${email}`];
          expect(hashOf({ name: first, email: second })).not.toBe(hashOf({ name: second, email: first }));
        },
      ),
    );
    expect(hashOf({ name: 'a","email":"b', email: 'c' })).not.toBe(hashOf({ name: 'a', email: 'b' }));
  });
});
