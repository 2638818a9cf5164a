import { Problem, PROBLEM_KINDS, type ProblemKind } from './problem.ts';

const kinds = Object.entries(PROBLEM_KINDS);

test('no two kinds of problem share a type or a title', () => {
  const names: ProblemKind[] = ['not-json', 'internal'];
  const types = new Set(kinds.map(([kind]) => kind.toLowerCase()));
  const titles = new Set(kinds.map(([, { title }]) => title.toLowerCase()));

  expect(types.size).toBe(kinds.length);
  expect(titles.size).toBe(kinds.length);
  expect(kinds.map(([kind]) => kind)).toEqual(expect.arrayContaining(names));
});

test.each(kinds)(
  '%s has a name that fits a URN, an error status, and a sentence as its title',
  (kind, { status, title }) => {
    expect(kind).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(title).toMatch(/^[A-Z].*\.$/);
  },
);

test('a problem without options has only a type, a title and a status', () => {
  expect(new Problem('not-found').body).toEqual({
    type: 'urn:collect:problem:not-found',
    title: 'There is nothing here.',
    status: 404,
  });
});

test('a problem lists the first hundred of its errors and counts them', () => {
  const errors = Array.from({ length: 101 }, (_, index) => ({ pointer: `/${index}`, detail: 'Leave it out.' }));

  expect(new Problem('invalid-form', { errors: errors.slice(0, 100) }).body).not.toHaveProperty('detail');
  expect(new Problem('invalid-form', { errors }).body).toMatchObject({
    detail: '101 faults; the first 100 are listed.',
    errors: errors.slice(0, 100),
  });
});

test('a problem contains its detail, its errors, its members and its headers', () => {
  const problem = new Problem('older-revision', {
    detail: 'Revision 2 is stored.',
    errors: [{ pointer: '/a', detail: 'Send it.' }],
    members: { current: { revision: 2 } },
    headers: { 'retry-after': '10' },
  });

  expect(problem.headers).toEqual({ 'retry-after': '10' });
  expect(problem.body).toEqual({
    type: 'urn:collect:problem:older-revision',
    title: 'A newer revision of this response is stored.',
    status: 409,
    detail: 'Revision 2 is stored.',
    errors: [{ pointer: '/a', detail: 'Send it.' }],
    current: { revision: 2 },
  });
});
