import { MANAGING, READING } from '../shared/access.ts';
import type { ProxyAlone } from '../shared/dependencies.ts';
import { createRouter, route, type Routes } from '../shared/route.ts';
import { PATHS, type Handlers, type Schemas } from './collection.ts';
import { directoryHandlers } from './directory.ts';
import { collectionDocs, uploadDocs } from './docs.ts';
import { taskHandlers, uploadTasks } from './handler.ts';
import { namedRequests, peopleRequests, taskRequests } from './requests.ts';

export const about =
  !process.env['BUNDLED'] &&
  'Tasks, and the people, companies and statuses that they refer to. The trailing slash of an address is optional. A flagged response creates a task for its collector (`IN_REVIEW`). A correction that breaks no rule closes the task (`APPROVED`), and so does a manager who approves (`APPROVED`) or rejects (`REJECTED`) the response. A returned response opens its task again. An assignment gives the task to the new collector. The erasure of the response closes a task in review (`REJECTED`).';

export const routes: Routes<ProxyAlone> = {
  ...collectionRoutes('tasks', taskRequests, taskHandlers),
  [`POST ${PATHS.tasks}/upload/`]: route({
    roles: MANAGING,
    handle: uploadTasks,
    docs: !process.env['BUNDLED'] && uploadDocs,
  }),
  ...collectionRoutes('people', peopleRequests, directoryHandlers('people')),
  ...collectionRoutes('companies', namedRequests, directoryHandlers('companies')),
  ...collectionRoutes('task_statuses', namedRequests, directoryHandlers('task_statuses')),
};

export const createHandler = createRouter(routes);

function collectionRoutes<Own extends Schemas>(
  name: keyof typeof PATHS,
  { query, body, changes }: Own,
  handlers: Handlers<NoInfer<Own>>,
): Routes<ProxyAlone> {
  const path = PATHS[name];
  const docs = !process.env['BUNDLED'] && collectionDocs(name);
  return {
    [`GET ${path}/`]: route({ roles: READING, query, handle: handlers.list, docs: docs && docs.list }),
    [`POST ${path}/`]: route({ roles: MANAGING, body, handle: handlers.create, docs: docs && docs.create }),
    [`GET ${path}/{id}/`]: route({ roles: READING, handle: handlers.get, docs: docs && docs.get }),
    [`PATCH ${path}/{id}/`]: route({
      roles: MANAGING,
      body: changes,
      handle: handlers.change,
      docs: docs && docs.change,
    }),
    [`DELETE ${path}/{id}/`]: route({ roles: MANAGING, handle: handlers.delete, docs: docs && docs.delete }),
  };
}
