/** Checks that a cursor decodes to its position, and any other text is refused or decodes to a valid position. */
import * as fc from 'fast-check';
import * as z from 'zod';
import { listQuery as exportsQuery } from '../../collect-lambdas/exports/request.ts';
import { historyPosition, historyQuery, listQuery as responsesQuery } from '../../collect-lambdas/responses/query.ts';
import { Problem } from '../../collect-lambdas/shared/problem.ts';
import { encodeCursor, readQuery } from '../../collect-lambdas/shared/query.ts';
import { listQuery as tokensQuery } from '../../collect-lambdas/tokens/request.ts';
import { browsePosition, exportPosition, listPosition, tokenPosition } from '../../db-proxy-lambda/contract.ts';
import { httpEvent } from '../support/http-event.ts';

const moment = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .map((date) => date.toISOString());
const rowId = fc.nat(Number.MAX_SAFE_INTEGER);

const LISTS = [
  {
    list: 'GET /responses',
    read: (cursor: string) => readQuery(httpEvent('GET /responses', { query: { cursor } }), responsesQuery).cursor,
    schema: z.union([listPosition, browsePosition]) as z.ZodType,
    positions: fc.oneof(
      fc.record({ id: rowId }),
      fc.record({ id: rowId, updated_at: moment }),
      fc.record({ before: rowId }),
      fc.record({ after: rowId }),
    ) as fc.Arbitrary<object>,
  },
  {
    list: 'GET /responses/{response_id}/revisions',
    read: (cursor: string) => readQuery(httpEvent('GET /responses', { query: { cursor } }), historyQuery).cursor,
    schema: historyPosition,
    positions: fc.oneof(
      fc.record({ after_revision: fc.integer({ min: 1 }) }),
      fc.record({
        late: fc.option(fc.record({ last_modified: moment.map((time) => time.replace('Z', '000000Z')), id: rowId })),
      }),
    ),
  },
  {
    list: 'GET /exports',
    read: (cursor: string) => readQuery(httpEvent('GET /exports', { query: { cursor } }), exportsQuery).cursor,
    schema: exportPosition,
    positions: fc.record({ created_at: moment, export_id: fc.uuid() }),
  },
  {
    list: 'GET /tokens',
    read: (cursor: string) => readQuery(httpEvent('GET /tokens', { query: { cursor } }), tokensQuery).cursor,
    schema: tokenPosition,
    positions: fc.record({ created_at: moment, token_id: fc.uuid() }),
  },
];

/** The position of a cursor, or the status of its refusal. Any other error fails the test. */
function outcomeOf(read: (cursor: string) => unknown, cursor: string): unknown {
  try {
    return read(cursor);
  } catch (error) {
    if (error instanceof Problem) return error.body.status;
    throw error;
  }
}

describe.each(LISTS)('a cursor of $list', ({ read, schema, positions }) => {
  test('decodes to its position, and needs no escaping in a URL', () => {
    fc.assert(
      fc.property(positions, (position) => {
        const cursor = encodeCursor(position);

        expect(cursor).toBe(encodeURIComponent(cursor));
        expect(read(cursor)).toEqual(position);
      }),
      { numRuns: 1_000 },
    );
  });

  test('with any other text is refused with 422, or decodes to a valid position of the list', () => {
    const near = fc.dictionary(
      fc.constantFrom(
        'id',
        'before',
        'after',
        'updated_at',
        'created_at',
        'export_id',
        'token_id',
        '__proto__',
        'constructor',
      ),
      fc.oneof(fc.jsonValue(), moment, fc.uuid(), rowId, fc.double()),
    );
    const sent = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.base64String(),
      fc.jsonValue().map(encodeCursor),
      near.map(encodeCursor),
      positions.map((position) => encodeCursor(position).slice(0, -1)),
    );

    fc.assert(
      fc.property(sent, (cursor) => {
        const outcome = outcomeOf(read, cursor);

        expect(outcome === 422 || schema.safeParse(outcome).success).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
