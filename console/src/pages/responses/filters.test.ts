import { chipsOf, filtersOf, parametersOf } from './filters.ts';

test('members of an address that name no status and no time are left out', () => {
  const filters = filtersOf({ status: 'flagged,lost', from: '2026-13-45', to: 'soon', text: 'Kano', rule: '' });

  expect(filters).toEqual({ status: ['flagged'], text: 'Kano' });
  expect(chipsOf(filters).map(({ text }) => text)).toEqual(['Status: Flagged', 'Contains: Kano']);
});

test('a day is included to its end; a time stays as it is', () => {
  const { from, to } = parametersOf(filtersOf({ from: '2026-09-01T00:00:00Z', to: '2026-09-02' }));

  expect(from).toBe('2026-09-01T00:00:00Z');
  expect(to).toMatch(/^2026-09-03T00:00:00/);
});
