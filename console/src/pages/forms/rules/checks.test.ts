import { isComplete, linesOf, testsFor, withFact, withTest } from './checks.ts';

test('a text is not ordered, and a test of an older rule stays in the choice', () => {
  expect(testsFor('text', 'equal')).not.toContain('lessThan');
  expect(testsFor('text', 'lessThan')).toContain('lessThan');
});

test('another test keeps the constants that it takes', () => {
  const check = { fact: 'age', test: 'lessThan' as const, value: 18 };
  expect(withTest(check, 'between')).toEqual({ fact: 'age', test: 'between', value: [18, ''] });
  expect(withTest(check, 'in')).toEqual({ fact: 'age', test: 'in', value: [18] });
  expect(withTest(check, 'answered')).toEqual({ fact: 'age', test: 'answered' });
  expect(withTest({ ...check, value: { fact: 'income' } }, 'equal')).toEqual({
    fact: 'age',
    test: 'equal',
    value: { fact: 'income' },
  });
  expect(withTest({ ...check, value: { fact: 'income' } }, 'in')).toEqual({ fact: 'age', test: 'in', value: [] });
});

test('another question keeps the constant only if the kind is the same and the constant is not an option', () => {
  const check = { fact: 'age', test: 'lessThan' as const, value: 18 };
  expect(withFact(check, 'income', 'number', 'number')).toEqual({ ...check, fact: 'income' });
  expect(withFact(check, 'name', 'text', 'number')).toEqual({ fact: 'name', test: 'equal' });
  const option = { fact: 'water', test: 'equal' as const, value: 'tap' };
  expect(withFact(option, 'roof', 'choice', 'choice')).toEqual({ fact: 'roof', test: 'equal' });
});

test('each line of a list is a constant', () => {
  expect(linesOf('1\n 2.50 \n\nthree', 'number')).toEqual([1, '2.50', 'three']);
  expect(linesOf('1', 'text')).toEqual(['1']);
});

test.each([
  [{ fact: '', test: 'answered' as const }, false],
  [{ fact: 'age', test: 'answered' as const }, true],
  [{ fact: 'age', test: 'equal' as const }, false],
  [{ fact: 'age', test: 'equal' as const, value: 0 }, true],
  [{ fact: 'age', test: 'equal' as const, value: { fact: '' } }, false],
  [{ fact: 'age', test: 'between' as const, value: [1, ''] }, false],
  [{ fact: 'age', test: 'in' as const, value: [] }, false],
])('%j is complete: %s', (check, complete) => {
  expect(isComplete(check)).toBe(complete);
});
