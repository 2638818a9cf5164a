/** Companies, people and task statuses: the same routes over each. */
import { randomUUID } from 'node:crypto';
import type { Collection, Input } from '../../db-proxy-lambda/contract.ts';
import { readBody } from '../shared/body.ts';
import { jsonResponse, type HttpEvent, type HttpResponse, type Route } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import { readQuery } from '../shared/query.ts';
import type { ProxyAlone } from '../shared/dependencies.ts';
import { namedBody, namedChanges, namedQuery, peopleQuery, personBody, personChanges } from './requests.ts';
import { createdResponse, deletedResponse, listResponse, MAX_BODY_BYTES, readId, unknownId } from './rest.ts';

/** In what the three differ: where they are, and what is read of a request. */
interface Directory {
  collection: Collection;
  path: string;
  /** The parameter of the tasks' list that finds those that refer to an entry. */
  taskFilter: 'company' | 'owner' | 'status';
  readWindow: (event: HttpEvent) => Omit<Input<'listDirectory'>, 'collection'>;
  readValues: (event: HttpEvent) => Input<'createDirectoryEntry'>['values'];
  readChanges: (event: HttpEvent) => Input<'updateDirectoryEntry'>['changes'];
}

function namedDirectory({
  collection,
  path,
  taskFilter,
}: Pick<Directory, 'collection' | 'path' | 'taskFilter'>): Directory {
  return {
    collection,
    path,
    taskFilter,
    readWindow: (event) => toWindow(readQuery(event, namedQuery)),
    readValues: (event) => readBody(event, namedBody, MAX_BODY_BYTES),
    readChanges: (event) => readBody(event, namedChanges, MAX_BODY_BYTES),
  };
}

const DIRECTORIES: readonly Directory[] = [
  namedDirectory({ collection: 'companies', path: '/api/v1/companies', taskFilter: 'company' }),
  namedDirectory({ collection: 'task_statuses', path: '/api/v1/task_status', taskFilter: 'status' }),
  {
    collection: 'people',
    path: '/api/v1/people',
    taskFilter: 'owner',
    readWindow: (event) => toWindow(readQuery(event, peopleQuery)),
    readValues: (event) => readBody(event, personBody, MAX_BODY_BYTES),
    readChanges: (event) => readBody(event, personChanges, MAX_BODY_BYTES),
  },
];

export function directoryRoutes(dependencies: ProxyAlone): Record<string, Route> {
  return Object.fromEntries(
    DIRECTORIES.flatMap((directory): [string, Route][] => [
      [`GET ${directory.path}`, (event) => listEntries(dependencies, directory, event)],
      [`POST ${directory.path}`, (event) => createEntry(dependencies, directory, event)],
      [`GET ${directory.path}/{id}`, (event) => getEntry(dependencies, directory, event)],
      [`PATCH ${directory.path}/{id}`, (event) => changeEntry(dependencies, directory, event)],
      [`DELETE ${directory.path}/{id}`, (event) => deleteEntry(dependencies, directory, event)],
    ]),
  );
}

async function listEntries({ dbProxy }: ProxyAlone, directory: Directory, event: HttpEvent): Promise<HttpResponse> {
  const { collection } = directory;
  return listResponse(await dbProxy.call('listDirectory', { collection, ...directory.readWindow(event) }));
}

async function getEntry({ dbProxy }: ProxyAlone, { collection }: Directory, event: HttpEvent): Promise<HttpResponse> {
  const { entry } = await dbProxy.call('getDirectoryEntry', { collection, id: readId(event) });
  if (entry === null) throw unknownId();
  return jsonResponse(200, entry);
}

async function createEntry({ dbProxy }: ProxyAlone, directory: Directory, event: HttpEvent): Promise<HttpResponse> {
  const { collection, path } = directory;
  const values = directory.readValues(event);
  const result = await dbProxy.call('createDirectoryEntry', { creation_key: randomUUID(), collection, values });
  if (result.outcome === 'taken') throw alreadyTaken(path, result.by);
  return createdResponse(path, result.entry);
}

async function changeEntry({ dbProxy }: ProxyAlone, directory: Directory, event: HttpEvent): Promise<HttpResponse> {
  const { collection, path } = directory;
  const id = readId(event);
  const result = await dbProxy.call('updateDirectoryEntry', { collection, id, changes: directory.readChanges(event) });
  if (result.outcome === 'missing') throw unknownId();
  if (result.outcome === 'taken') throw alreadyTaken(path, result.by);
  return jsonResponse(200, result.entry);
}

async function deleteEntry(
  { dbProxy }: ProxyAlone,
  { collection, taskFilter }: Directory,
  event: HttpEvent,
): Promise<HttpResponse> {
  const id = readId(event);
  const result = await dbProxy.call('deleteDirectoryEntry', { collection, id });
  if (result.outcome === 'missing') throw unknownId();
  if (result.outcome === 'in_use') throw inUse(taskFilter, id, result.tasks);
  return deletedResponse;
}

function alreadyTaken(path: string, by: { member: string; id: number }[]): Problem {
  return new Problem('already-exists', {
    errors: by.map(({ member, id }) => ({ pointer: `/${member}`, detail: `${path}/${id}/ has this ${member}.` })),
  });
}

function inUse(taskFilter: string, id: number, tasks: number): Problem {
  const refer = tasks === 1 ? '1 task refers to it' : `${tasks} tasks refer to it`;
  return new Problem('in-use', {
    detail: `${refer}; /api/v1/tasks/?${taskFilter}=${id} lists them. Change or delete them first.`,
    members: { referred_to_by: [{ collection: 'tasks', count: tasks }] },
  });
}

type ListInput = Input<'listDirectory'>;

function toWindow({
  sort,
  offset,
  limit,
  ...filter
}: ListInput['filter'] & Pick<ListInput, 'sort' | 'offset' | 'limit'>): Omit<ListInput, 'collection'> {
  return { sort, offset, limit, filter };
}
