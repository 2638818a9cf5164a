/** The operations on companies, people and task statuses, which are the same for each. */
import { randomUUID } from 'node:crypto';
import type { Collection, Input } from '../../db-proxy-lambda/contract.ts';
import type { ProxyAlone } from '../shared/dependencies.ts';
import { jsonResponse, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import { createdResponse, deletedResponse, listResponse, readId, unknownId } from './rest.ts';

export interface Directory {
  collection: Collection;
  path: string;
  /** The parameter of the list of tasks that finds the tasks that refer to an entry. */
  taskFilter: 'company' | 'owner' | 'status';
}

export const DIRECTORIES: Record<Collection, Directory> = {
  companies: { collection: 'companies', path: '/api/v1/companies', taskFilter: 'company' },
  task_statuses: { collection: 'task_statuses', path: '/api/v1/task_status', taskFilter: 'status' },
  people: { collection: 'people', path: '/api/v1/people', taskFilter: 'owner' },
};

type ListInput = Input<'listDirectory'>;

export async function listEntries(
  { dbProxy }: ProxyAlone,
  { collection }: Directory,
  { sort, offset, limit, ...filter }: ListInput['filter'] & Pick<ListInput, 'sort' | 'offset' | 'limit'>,
): Promise<HttpResponse> {
  return listResponse(await dbProxy.call('listDirectory', { collection, sort, offset, limit, filter }));
}

export async function getEntry(
  { dbProxy }: ProxyAlone,
  { collection }: Directory,
  event: HttpEvent,
): Promise<HttpResponse> {
  const { entry } = await dbProxy.call('getDirectoryEntry', { collection, id: readId(event) });
  if (entry === null) throw unknownId();
  return jsonResponse(200, entry);
}

export async function createEntry(
  { dbProxy }: ProxyAlone,
  { collection, path }: Directory,
  values: Input<'createDirectoryEntry'>['values'],
): Promise<HttpResponse> {
  const result = await dbProxy.call('createDirectoryEntry', { creation_key: randomUUID(), collection, values });
  if (result.outcome === 'taken') throw alreadyTaken(path, result.by);
  return createdResponse(path, result.entry);
}

export async function changeEntry(
  { dbProxy }: ProxyAlone,
  { collection, path }: Directory,
  event: HttpEvent,
  readChanges: () => Input<'updateDirectoryEntry'>['changes'],
): Promise<HttpResponse> {
  const id = readId(event);
  const result = await dbProxy.call('updateDirectoryEntry', { collection, id, changes: readChanges() });
  if (result.outcome === 'missing') throw unknownId();
  if (result.outcome === 'taken') throw alreadyTaken(path, result.by);
  return jsonResponse(200, result.entry);
}

export async function deleteEntry(
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
