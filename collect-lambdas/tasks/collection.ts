/** The parts that the routes of tasks, people, companies and statuses share. */
import type * as z from 'zod';
import type { Collection } from '../../db-proxy-lambda/contract.ts';
import type { ProxyAlone } from '../shared/dependencies.ts';
import { jsonResponse, pathParameter, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import type { BodyRequest, Request } from '../shared/route.ts';

export const PATHS: Record<Collection | 'tasks', string> = {
  tasks: '/api/v1/tasks',
  people: '/api/v1/people',
  companies: '/api/v1/companies',
  task_statuses: '/api/v1/task_status',
};

/** The schemas of a collection's requests. */
export interface Schemas {
  query: z.ZodRawShape;
  body: z.ZodObject<z.ZodRawShape, z.core.$strict>;
  changes: z.ZodObject<z.ZodRawShape, z.core.$strict>;
}

type Handle<Received> = (dependencies: ProxyAlone, request: Received) => Promise<HttpResponse>;

export interface Handlers<Own extends Schemas> {
  list: Handle<Request<Own['query']>>;
  get: Handle<Request>;
  create: Handle<BodyRequest<Own['body']>>;
  change: Handle<BodyRequest<Own['changes']>>;
  delete: Handle<Request>;
}

/** @throws {Problem} 404 if the id in the path is not a valid id */
export function readId(event: HttpEvent): number {
  const text = pathParameter(event, 'id');
  if (!/^[1-9]\d{0,14}$/.test(text)) throw unknownId();
  return Number(text);
}

export function unknownId(): Problem {
  return new Problem('not-found', { detail: 'There is no entry with this id; the list shows all entries.' });
}

/** One page of a list, with the total number of matches in a header. */
export function listResponse({ items, total }: { items: unknown[]; total: number }): HttpResponse {
  return jsonResponse(200, items, { 'x-total-count': String(total) });
}

export function createdResponse(name: keyof typeof PATHS, item: { id: number }): HttpResponse {
  return jsonResponse(201, item, { location: `${PATHS[name]}/${item.id}/` });
}
