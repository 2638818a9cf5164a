import { everyDay, worstFirst, type QualityRow } from './rows.ts';

const row = (changes: Partial<QualityRow>): QualityRow => ({
  key: 'collector-1',
  responses: 10,
  first_passed: 9,
  first_pass_rate: 0.9,
  flagged: 1,
  flags: 1,
  flags_per_hundred: 10,
  returned: 0,
  corrected: 0,
  median_correction_seconds: null,
  open: 1,
  ...changes,
});

test('days without responses are shown too, until today', () => {
  const days = everyDay([row({ key: '2026-02-27' })], '2026-02-26', '2026-03-01');

  expect(days.map(({ key, responses }) => [key, responses])).toEqual([
    ['2026-02-26', 0],
    ['2026-02-27', 10],
    ['2026-02-28', 0],
    ['2026-03-01', 0],
  ]);
});

test('without a first day the days begin with the first response', () => {
  expect(everyDay([row({ key: '2026-02-28' })], undefined, '2026-03-01')).toHaveLength(2);
  expect(everyDay([], undefined, '2026-03-01')).toEqual([]);
});

test('the lowest first-pass rate comes first, then the most open, then the name; collectors who sent nothing come last', () => {
  const rows = [
    row({ key: 'took-over', first_pass_rate: null, open: 9 }),
    row({ key: 'collector-10' }),
    row({ key: 'collector-2' }),
    row({ key: 'busy', open: 4 }),
    row({ key: 'new', first_pass_rate: 0 }),
  ];

  expect(worstFirst(rows).map(({ key }) => key)).toEqual(['new', 'busy', 'collector-2', 'collector-10', 'took-over']);
});
