import { MANAGING, READING } from '../shared/access.ts';
import type { ProxyAlone } from '../shared/dependencies.ts';
import { createRouter, route, type Route, type Routes } from '../shared/route.ts';
import {
  changeEntry,
  createEntry,
  deleteEntry,
  DIRECTORIES,
  getEntry,
  listEntries,
  type Directory,
} from './directory.ts';
import {
  changeDocs,
  createDocs,
  deleteDocs,
  getDocs,
  listDocs,
  NAMED_FILTERS,
  PEOPLE_FILTERS,
  TASK_FILTERS,
  uploadDocs,
} from './docs.ts';
import { changeTask, createTask, deleteTask, getTask, listTasks, uploadTasks } from './handler.ts';
import {
  namedBody,
  namedChanges,
  namedQuery,
  peopleQuery,
  personBody,
  personChanges,
  taskBody,
  taskChanges,
  tasksQuery,
} from './requests.ts';

export const about =
  !process.env['BUNDLED'] &&
  'Tasks, and the people, companies and statuses that they refer to. The trailing slash of an address is optional. A flagged response creates a task for its collector (`IN_REVIEW`). A correction that breaks no rule closes the task (`APPROVED`); a manager may set `REJECTED`.';

const { companies, people, task_statuses: statuses } = DIRECTORIES;

export const routes: Routes<ProxyAlone> = {
  'GET /api/v1/tasks/': route({
    roles: READING,
    query: tasksQuery,
    handle: listTasks,
    docs: !process.env['BUNDLED'] && listDocs('tasks', TASK_FILTERS),
  }),
  'POST /api/v1/tasks/': route({
    roles: MANAGING,
    body: taskBody,
    handle: createTask,
    docs: !process.env['BUNDLED'] && createDocs('tasks'),
  }),
  'GET /api/v1/tasks/{id}/': route({
    roles: READING,
    handle: getTask,
    docs: !process.env['BUNDLED'] && getDocs('tasks'),
  }),
  'PATCH /api/v1/tasks/{id}/': route({
    roles: MANAGING,
    body: taskChanges,
    handle: changeTask,
    docs: !process.env['BUNDLED'] && changeDocs('tasks'),
  }),
  'DELETE /api/v1/tasks/{id}/': route({
    roles: MANAGING,
    handle: deleteTask,
    docs: !process.env['BUNDLED'] && deleteDocs('tasks'),
  }),
  'POST /api/v1/tasks/upload/': route({
    roles: MANAGING,
    handle: uploadTasks,
    docs: !process.env['BUNDLED'] && uploadDocs,
  }),
  ...directoryRoutes(people, {
    list: route({
      roles: READING,
      query: peopleQuery,
      handle: (dependencies, { query }) => listEntries(dependencies, people, query),
      docs: !process.env['BUNDLED'] && listDocs('people', PEOPLE_FILTERS),
    }),
    create: route({
      roles: MANAGING,
      body: personBody,
      handle: (dependencies, { readBody }) => createEntry(dependencies, people, readBody()),
      docs: !process.env['BUNDLED'] && createDocs('people'),
    }),
    change: route({
      roles: MANAGING,
      body: personChanges,
      handle: (dependencies, { event, readBody }) => changeEntry(dependencies, people, event, readBody),
      docs: !process.env['BUNDLED'] && changeDocs('people'),
    }),
  }),
  ...namedRoutes(companies),
  ...namedRoutes(statuses),
};

export const createHandler = createRouter(routes);

/** The routes of a directory whose entries have only a name. */
function namedRoutes(directory: Directory): Routes<ProxyAlone> {
  const { collection } = directory;
  return directoryRoutes(directory, {
    list: route({
      roles: READING,
      query: namedQuery,
      handle: (dependencies, { query }) => listEntries(dependencies, directory, query),
      docs: !process.env['BUNDLED'] && listDocs(collection, NAMED_FILTERS),
    }),
    create: route({
      roles: MANAGING,
      body: namedBody,
      handle: (dependencies, { readBody }) => createEntry(dependencies, directory, readBody()),
      docs: !process.env['BUNDLED'] && createDocs(collection),
    }),
    change: route({
      roles: MANAGING,
      body: namedChanges,
      handle: (dependencies, { event, readBody }) => changeEntry(dependencies, directory, event, readBody),
      docs: !process.env['BUNDLED'] && changeDocs(collection),
    }),
  });
}

function directoryRoutes(
  directory: Directory,
  { list, create, change }: Record<'list' | 'create' | 'change', Route<ProxyAlone>>,
): Routes<ProxyAlone> {
  const { collection, path } = directory;
  return {
    [`GET ${path}/`]: list,
    [`POST ${path}/`]: create,
    [`GET ${path}/{id}/`]: route({
      roles: READING,
      handle: (dependencies: ProxyAlone, { event }) => getEntry(dependencies, directory, event),
      docs: !process.env['BUNDLED'] && getDocs(collection),
    }),
    [`PATCH ${path}/{id}/`]: change,
    [`DELETE ${path}/{id}/`]: route({
      roles: MANAGING,
      handle: (dependencies: ProxyAlone, { event }) => deleteEntry(dependencies, directory, event),
      docs: !process.env['BUNDLED'] && deleteDocs(collection),
    }),
  };
}
