/** Tasks, and the companies, people and statuses that they refer to. */
import { randomUUID } from 'node:crypto';
import type { Result } from '../../db-proxy-lambda/contract.ts';
import { readBody } from '../shared/body.ts';
import { jsonResponse, routeRequests, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import { readQuery } from '../shared/query.ts';
import type { ProxyAlone } from '../shared/dependencies.ts';
import { directoryRoutes } from './directory.ts';
import { taskBody, taskChanges, tasksQuery } from './requests.ts';
import {
  createdResponse,
  deletedResponse,
  inBothSpellings,
  listResponse,
  MAX_BODY_BYTES,
  readId,
  unknownId,
} from './rest.ts';
import { readUploadedFile } from './multipart.ts';
import { readTaskCsv } from './task-csv.ts';

const PATH = '/api/v1/tasks';

export function createHandler(dependencies: ProxyAlone) {
  return routeRequests(
    inBothSpellings({
      ...directoryRoutes(dependencies),
      [`GET ${PATH}`]: (event) => listTasks(dependencies, event),
      [`POST ${PATH}`]: (event) => createTask(dependencies, event),
      [`GET ${PATH}/{id}`]: (event) => getTask(dependencies, event),
      [`PATCH ${PATH}/{id}`]: (event) => changeTask(dependencies, event),
      [`DELETE ${PATH}/{id}`]: (event) => deleteTask(dependencies, event),
      [`POST ${PATH}/upload`]: (event) => uploadTasks(dependencies, event),
    }),
    dependencies.logger,
  );
}

async function listTasks({ dbProxy }: ProxyAlone, event: HttpEvent): Promise<HttpResponse> {
  const { sort, offset, limit, ...filter } = readQuery(event, tasksQuery);
  return listResponse(await dbProxy.call('listTasks', { filter, sort, offset, limit }));
}

async function getTask({ dbProxy }: ProxyAlone, event: HttpEvent): Promise<HttpResponse> {
  const { task } = await dbProxy.call('getTask', { id: readId(event) });
  if (task === null) throw unknownId();
  return jsonResponse(200, task);
}

async function createTask({ dbProxy }: ProxyAlone, event: HttpEvent): Promise<HttpResponse> {
  const values = readBody(event, taskBody, MAX_BODY_BYTES);
  const result = await dbProxy.call('createTask', { creation_key: randomUUID(), values });
  if (result.outcome === 'unknown_references') throw unknownReferences(result.members);
  return createdResponse(PATH, result.task);
}

async function changeTask({ dbProxy }: ProxyAlone, event: HttpEvent): Promise<HttpResponse> {
  const id = readId(event);
  const changes = readBody(event, taskChanges, MAX_BODY_BYTES);
  const result = await dbProxy.call('updateTask', { id, changes });
  if (result.outcome === 'missing') throw unknownId();
  if (result.outcome === 'unknown_references') throw unknownReferences(result.members);
  return jsonResponse(200, result.task);
}

async function deleteTask({ dbProxy }: ProxyAlone, event: HttpEvent): Promise<HttpResponse> {
  const { outcome } = await dbProxy.call('deleteTask', { id: readId(event) });
  if (outcome === 'missing') throw unknownId();
  return deletedResponse;
}

async function uploadTasks({ dbProxy }: ProxyAlone, event: HttpEvent): Promise<HttpResponse> {
  const file = await readUploadedFile(event);
  const rows = readTaskCsv(file);
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
