/** What is stored: the worklist of flagged responses, single responses, their history. */
import * as z from 'zod';
import { listPosition, type StoredRevision } from '../../db-proxy-lambda/contract.ts';
import { toInstant } from '../../forms/time.ts';
import { jsonResponse, pathParameter, routeRequests, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import { cursorOf, encodeCursor, pageLimit, readQuery } from '../shared/query.ts';
import type { Dependencies } from './dependencies.ts';

const id = z.string().min(1, 'Send an id, or leave it out.').max(128, 'An id has at most 128 characters.');

const listQuery = {
  status: z.enum(['accepted', 'flagged'], 'Send accepted or flagged.').optional(),
  user_id: id.optional(),
  form_id: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,62}$/, 'Send the id of a form; GET /forms lists them.')
    .optional(),
  updated_since: z
    .string()
    .transform((text, context) => {
      const instant = toInstant(text);
      if (instant !== undefined) return `${instant.slice(0, 23)}Z`;
      context.addIssue({ code: 'custom', message: 'Send a time such as 2026-09-01T06:00:00Z.' });
      return z.NEVER;
    })
    .optional(),
  limit: pageLimit,
  cursor: cursorOf(listPosition).optional(),
};

export function createHandler(dependencies: Dependencies) {
  return routeRequests(
    {
      'GET /responses': (event) => listResponses(dependencies, event),
      'GET /responses/{response_id}': (event) => getResponse(dependencies, event),
      'GET /responses/{response_id}/revisions': (event) => listRevisions(dependencies, event),
    },
    dependencies.logger,
  );
}

async function listResponses({ dbProxy }: Dependencies, event: HttpEvent): Promise<HttpResponse> {
  const { cursor: after, ...query } = readQuery(event, listQuery);
  if (after !== undefined && (after.updated_at === undefined) !== (query.updated_since === undefined)) {
    const detail = 'Use a cursor together with the parameters that it was given for.';
    throw new Problem('invalid-parameter', { errors: [{ pointer: '/cursor', detail }] });
  }
  const { items, next } = await dbProxy.call('listResponses', { ...query, after });
  return jsonResponse(200, { items, next_cursor: next === null ? null : encodeCursor(next) });
}

async function getResponse({ dbProxy }: Dependencies, event: HttpEvent): Promise<HttpResponse> {
  const { response } = await dbProxy.call('getResponse', { response_id: responseIdOf(event) });
  if (response === null) throw unknownResponse();
  return jsonResponse(200, response);
}

async function listRevisions({ dbProxy }: Dependencies, event: HttpEvent): Promise<HttpResponse> {
  const items: StoredRevision[] = [];
  for (let complete = false; !complete;) {
    const page = await dbProxy.call('listRevisions', {
      response_id: responseIdOf(event),
      after_revision: items.at(-1)?.revision ?? 0,
    });
    items.push(...page.items);
    complete = page.complete;
  }
  if (items.length === 0) throw unknownResponse();
  return jsonResponse(200, { items });
}

/** No response has an id that the form would have refused, so such an id is as unknown as any other. */
function responseIdOf(event: HttpEvent): string {
  const parsed = id.safeParse(pathParameter(event, 'response_id'));
  if (!parsed.success) throw unknownResponse();
  return parsed.data;
}

function unknownResponse(): Problem {
  return new Problem('not-found', { detail: 'No response is stored under this id.' });
}
