/** The handlers of people, companies and task statuses, which are the same for each. */
import { randomUUID } from 'node:crypto';
import type { Collection } from '../../db-proxy-lambda/contract.ts';
import { jsonResponse } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import { createdResponse, listResponse, PATHS, readId, unknownId, type Handlers } from './collection.ts';
import type { peopleRequests } from './requests.ts';

/** For each collection, the query parameter that filters the list of tasks by an entry of the collection. */
const TASK_FILTERS: Record<Collection, string> = { companies: 'company', people: 'owner', task_statuses: 'status' };

/** The type fits companies and statuses too: their requests have some of the fields of people, and no others. */
export function directoryHandlers(collection: Collection): Handlers<typeof peopleRequests> {
  return {
    async list({ dbProxy }, { query: { sort, offset, limit, ...filter } }) {
      return listResponse(await dbProxy.call('listDirectory', { collection, sort, offset, limit, filter }));
    },

    async get({ dbProxy }, { event }) {
      const { entry } = await dbProxy.call('getDirectoryEntry', { collection, id: readId(event) });
      if (entry === null) throw unknownId();
      return jsonResponse(200, entry);
    },

    async create({ dbProxy }, { readBody }) {
      const input = { creation_key: randomUUID(), collection, values: readBody() };
      const result = await dbProxy.call('createDirectoryEntry', input);
      if (result.outcome === 'taken') throw alreadyTaken(collection, result.by);
      return createdResponse(collection, result.entry);
    },

    async change({ dbProxy }, { event, readBody }) {
      const input = { collection, id: readId(event), changes: readBody() };
      const result = await dbProxy.call('updateDirectoryEntry', input);
      if (result.outcome === 'missing') throw unknownId();
      if (result.outcome === 'taken') throw alreadyTaken(collection, result.by);
      return jsonResponse(200, result.entry);
    },

    async delete({ dbProxy }, { event }) {
      const id = readId(event);
      const result = await dbProxy.call('deleteDirectoryEntry', { collection, id });
      if (result.outcome === 'missing') throw unknownId();
      if (result.outcome === 'in_use') throw inUse(collection, id, result.tasks);
      return { statusCode: 204 };
    },
  };
}

function alreadyTaken(collection: Collection, by: { member: string; id: number }[]): Problem {
  return new Problem('already-exists', {
    errors: by.map(({ member, id }) => ({
      pointer: `/${member}`,
      detail: `${PATHS[collection]}/${id}/ has this ${member}.`,
    })),
  });
}

function inUse(collection: Collection, id: number, tasks: number): Problem {
  const refer = tasks === 1 ? '1 task refers to it' : `${tasks} tasks refer to it`;
  return new Problem('in-use', {
    detail: `${refer}; ${PATHS.tasks}/?${TASK_FILTERS[collection]}=${id} lists them. Change or delete them first.`,
    members: { referred_to_by: [{ collection: 'tasks', count: tasks }] },
  });
}
