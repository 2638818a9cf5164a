import { ANYBODY, COLLECTING } from '../shared/access.ts';
import { jsonReply, ref } from '../shared/route-docs.ts';
import { createRouter, route } from '../shared/route.ts';
import { BATCH, BATCH_OF_A_FORM, SINGLE, SINGLE_OF_A_FORM } from './docs.ts';
import { collect, collectBatch, health } from './handler.ts';

export const about =
  !process.env['BUNDLED'] && 'Receives responses: validates, checks and saves them, and returns their flags.';

export const routes = {
  'POST /collect': route({
    roles: COLLECTING,
    handle: collect,
    docs: !process.env['BUNDLED'] && SINGLE,
  }),
  'POST /collect/batch': route({
    roles: COLLECTING,
    handle: collectBatch,
    docs: !process.env['BUNDLED'] && BATCH,
  }),
  'POST /forms/{form_id}/responses': route({
    roles: COLLECTING,
    handle: collect,
    docs: !process.env['BUNDLED'] && SINGLE_OF_A_FORM,
  }),
  'POST /forms/{form_id}/responses/batch': route({
    roles: COLLECTING,
    handle: collectBatch,
    docs: !process.env['BUNDLED'] && BATCH_OF_A_FORM,
  }),
  'GET /health': route({
    roles: ANYBODY,
    handle: health,
    docs: !process.env['BUNDLED'] && {
      operationId: 'health',
      summary: 'Would a response be saved now?',
      description:
        'Checks that the database accepts writes, without changing anything. `503` if it is unreachable or read-only; meanwhile responses are queued.',
      replies: { 200: jsonReply('Yes.', ref('Health'), { status: 'ok', database: 'mysql' }) },
      problems: ['unavailable'],
      smoke: 'health',
    },
  }),
};

export const createHandler = createRouter(routes);
