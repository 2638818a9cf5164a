import { idFromFile, reportLists } from './mapping-report.ts';

test('the report has three lists: taken over, checked on the phone only, and not possible', () => {
  const report = {
    questions: [
      {
        path: 'depth',
        type: 'decimal',
        label: { en: 'Depth' },
        checks: [
          { what: 'type', where: 'server' as const },
          { what: 'required', where: 'server' as const },
        ],
      },
      {
        path: 'lucky',
        type: 'integer',
        checks: [
          { what: 'type', where: 'server' as const },
          { what: 'constraint', where: 'phone' as const, why: 'It calls random().' },
        ],
      },
    ],
    warnings: [
      { path: '/data/depth', detail: 'It is measured twice.' },
      { path: '/data/film', detail: 'A file over 4 MB cannot be sent.' },
      { detail: 'Old version.' },
    ],
  };
  expect(reportLists(report)).toEqual({
    takenOver: [{ name: 'Depth', detail: 'amount, required' }],
    phoneOnly: [{ name: 'lucky', detail: 'constraint: It calls random().' }],
    notPossible: [
      { name: 'Depth', detail: 'It is measured twice.' },
      { name: '/data/film', detail: 'A file over 4 MB cannot be sent.' },
      { name: '', detail: 'Old version.' },
    ],
  });
});

test.each([
  ['Water points (v2).xlsx', 'water_points_v2'],
  ['2026 census.xml', 'census'],
  ['水.xml', ''],
])('the id from the file name %s is %s', (file, id) => {
  expect(idFromFile(file)).toBe(id);
});
