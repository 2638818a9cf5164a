import * as z from 'zod';
import { httpEvent } from '../../tests/support/http-event.ts';
import { Problem } from './problem.ts';
import { cursorOf, encodeCursor, pageLimit, readQuery } from './query.ts';

const position = z.object({ id: z.int().min(0), at: z.string().optional() });

function problemOf(read: () => unknown): unknown {
  try {
    read();
  } catch (error) {
    if (error instanceof Problem) return error.body;
    throw error;
  }
  throw new Error('It was taken.');
}

test('parameters are read by their schemas, and absent ones are left out', () => {
  const event = httpEvent('GET /responses', { query: { limit: '7', name: 'a' } });

  const query = readQuery(event, {
    limit: pageLimit,
    name: z.string().optional(),
    cursor: cursorOf(position).optional(),
  });

  expect(query).toEqual({ limit: 7, name: 'a' });
});

test('a request without parameters is accepted if none is required', () => {
  expect(readQuery(httpEvent('GET /responses'), { limit: pageLimit })).toEqual({ limit: 50 });
});

test('one problem names every unknown and every bad parameter, with what to send instead', () => {
  const event = httpEvent('GET /responses', { query: { limit: '0', page: '2', 'a/b': '1' } });

  expect(problemOf(() => readQuery(event, { limit: pageLimit }))).toEqual({
    type: 'urn:collect:problem:invalid-parameter',
    title: expect.any(String) as string,
    status: 422,
    errors: [
      { pointer: '/limit', detail: 'Send a whole number from 1 to 100.' },
      { pointer: '/page', detail: 'Leave it out; allowed here: limit.' },
      { pointer: '/a~1b', detail: 'Leave it out; allowed here: limit.' },
    ],
  });
});

test.each([
  ['1', 1],
  ['9', 9],
  ['99', 99],
  ['100', 100],
])('a limit of %s is accepted', (text, limit) => {
  expect(pageLimit.parse(text)).toBe(limit);
});

test.each(['0', '00', '01', '101', '1000', '-1', '1.0', '1e1', ' 1', '1 ', '', 'x', '١', '0x1'])(
  'a limit of %j is refused',
  (text) => {
    expect(pageLimit.safeParse(text).success).toBe(false);
  },
);

test('reading a cursor returns the position that it encodes', () => {
  const made = { id: 12, at: 'שלום 🏠 /+?&' };

  const cursor = encodeCursor(made);

  expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
  expect(cursorOf(position).parse(cursor)).toEqual(made);
});

test.each(['', 'x', '%', encodeCursor(null), encodeCursor([]), encodeCursor({ id: 'a' }), encodeCursor({ at: 'a' })])(
  'the cursor %j is refused with what to send instead',
  (cursor) => {
    const event = httpEvent('GET /responses', { query: { cursor } });

    expect(problemOf(() => readQuery(event, { cursor: cursorOf(position) }))).toMatchObject({
      errors: [{ pointer: '/cursor', detail: 'Send a next_cursor of this list, unchanged.' }],
    });
  },
);
