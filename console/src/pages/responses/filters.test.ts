import { chipsOf, filtersOf, parametersOf } from './filters.ts';

test('query parameters with an unknown status or an invalid time are left out', () => {
  const filters = filtersOf({
    status: 'flagged,lost',
    ever: 'rejected',
    from: '2026-13-45',
    to: 'soon',
    text: 'Kano',
    rule: '',
  });

  expect(filters).toEqual({ status: ['flagged'], text: 'Kano' });
  expect(chipsOf(filters).map(({ text }) => text)).toEqual(['Status: Flagged', 'Contains: Kano']);
});

test('the filter `ever` is shown, and can be removed', () => {
  const filters = filtersOf({ ever: 'returned', rule: 'Rule1' });

  expect(parametersOf(filters)).toEqual({ order: 'newest', ever: 'returned', rule: 'Rule1' });
  expect(chipsOf(filters)).toContainEqual({ text: 'Ever returned', without: { status: [], rule: 'Rule1' } });
});

test('a day is included to its end; a time stays as it is', () => {
  const { from, to } = parametersOf(filtersOf({ from: '2026-09-01T00:00:00Z', to: '2026-09-02' }));

  expect(from).toBe('2026-09-01T00:00:00Z');
  expect(to).toMatch(/^2026-09-03T00:00:00/);
});
