/** The handlers of tasks. */
import { randomUUID } from 'node:crypto';
import type { ProxyAlone } from '../shared/dependencies.ts';
import { jsonResponse, type HttpResponse } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import type { Request } from '../shared/route.ts';
import { createdResponse, listResponse, readId, unknownId, type Handlers } from './collection.ts';
import { readUploadedFile } from './multipart.ts';
import type { taskRequests } from './requests.ts';
import { readTaskCsv } from './task-csv.ts';

export const taskHandlers: Handlers<typeof taskRequests> = {
  async list({ dbProxy }, { query: { sort, offset, limit, ...filter } }) {
    return listResponse(await dbProxy.call('listTasks', { filter, sort, offset, limit }));
  },

  async get({ dbProxy }, { event }) {
    const { task } = await dbProxy.call('getTask', { id: readId(event) });
    if (task === null) throw unknownId();
    return jsonResponse(200, task);
  },

  async create({ dbProxy }, { readBody }) {
    const result = await dbProxy.call('createTask', { creation_key: randomUUID(), values: readBody() });
    if (result.outcome === 'unknown_references') throw unknownReferences(result.members);
    return createdResponse('tasks', result.task);
  },

  async change({ dbProxy }, { event, readBody }) {
    const result = await dbProxy.call('updateTask', { id: readId(event), changes: readBody() });
    if (result.outcome === 'missing') throw unknownId();
    if (result.outcome === 'unknown_references') throw unknownReferences(result.members);
    return jsonResponse(200, result.task);
  },

  async delete({ dbProxy }, { event }) {
    const { outcome } = await dbProxy.call('deleteTask', { id: readId(event) });
    if (outcome === 'missing') throw unknownId();
    return { statusCode: 204 };
  },
};

export async function uploadTasks({ dbProxy }: ProxyAlone, { event }: Request): Promise<HttpResponse> {
  const rows = readTaskCsv(await readUploadedFile(event));
  const { created, unchanged } = await dbProxy.call('uploadTasks', { rows });
  return jsonResponse(200, { ok: true, count: rows.length, created, unchanged });
}

const LISTS = {
  owner_id: 'person; GET /api/v1/people/',
  company_id: 'company; GET /api/v1/companies/',
  status_id: 'status; GET /api/v1/task_status/',
};

function unknownReferences(members: (keyof typeof LISTS)[]): Problem {
  return new Problem('invalid-body', {
    errors: members.map((member) => ({
      pointer: `/${member}`,
      detail: `There is no such ${LISTS[member]} lists them.`,
    })),
  });
}
