/** Lists, reads, creates, changes, deletes and uploads tasks. */
import { randomUUID } from 'node:crypto';
import type { Result } from '../../db-proxy-lambda/contract.ts';
import type { ProxyAlone } from '../shared/dependencies.ts';
import { jsonResponse, type HttpResponse } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import type { BodyRequest, Request } from '../shared/route.ts';
import { readUploadedFile } from './multipart.ts';
import type { taskBody, taskChanges, tasksQuery } from './requests.ts';
import { createdResponse, deletedResponse, listResponse, readId, unknownId } from './rest.ts';
import { readTaskCsv } from './task-csv.ts';

export async function listTasks(
  { dbProxy }: ProxyAlone,
  { query: { sort, offset, limit, ...filter } }: Request<typeof tasksQuery>,
): Promise<HttpResponse> {
  return listResponse(await dbProxy.call('listTasks', { filter, sort, offset, limit }));
}

export async function getTask({ dbProxy }: ProxyAlone, { event }: Request): Promise<HttpResponse> {
  const { task } = await dbProxy.call('getTask', { id: readId(event) });
  if (task === null) throw unknownId();
  return jsonResponse(200, task);
}

export async function createTask(
  { dbProxy }: ProxyAlone,
  { readBody }: BodyRequest<typeof taskBody>,
): Promise<HttpResponse> {
  const result = await dbProxy.call('createTask', { creation_key: randomUUID(), values: readBody() });
  if (result.outcome === 'unknown_references') throw unknownReferences(result.members);
  return createdResponse('/api/v1/tasks', result.task);
}

export async function changeTask(
  { dbProxy }: ProxyAlone,
  { event, readBody }: BodyRequest<typeof taskChanges>,
): Promise<HttpResponse> {
  const result = await dbProxy.call('updateTask', { id: readId(event), changes: readBody() });
  if (result.outcome === 'missing') throw unknownId();
  if (result.outcome === 'unknown_references') throw unknownReferences(result.members);
  return jsonResponse(200, result.task);
}

export async function deleteTask({ dbProxy }: ProxyAlone, { event }: Request): Promise<HttpResponse> {
  const { outcome } = await dbProxy.call('deleteTask', { id: readId(event) });
  if (outcome === 'missing') throw unknownId();
  return deletedResponse;
}

export async function uploadTasks({ dbProxy }: ProxyAlone, { event }: Request): Promise<HttpResponse> {
  const rows = readTaskCsv(await readUploadedFile(event));
  const { created, unchanged } = await dbProxy.call('uploadTasks', { rows });
  return jsonResponse(200, { ok: true, count: rows.length, created, unchanged });
}

const LISTS = {
  owner_id: 'person; GET /api/v1/people/',
  company_id: 'company; GET /api/v1/companies/',
  status_id: 'status; GET /api/v1/task_status/',
} as const;

type Unknown = Extract<Result<'createTask'>, { outcome: 'unknown_references' }>['members'];

function unknownReferences(members: Unknown): Problem {
  return new Problem('invalid-body', {
    errors: members.map((member) => ({
      pointer: `/${member}`,
      detail: `There is no such ${LISTS[member]} lists them.`,
    })),
  });
}
