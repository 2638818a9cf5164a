/** The tasks Lambda with the real proxy and an empty database. */
import * as z from 'zod';
import { createHandler } from '../../collect-lambdas/tasks/routes.ts';
import { httpEvent, readReply, type HttpRequest } from './http-event.ts';
import type { TestDatabaseKind } from './databases.ts';
import { InProcessProxy } from './in-process-proxy.ts';
import { multipartEvent, type FormPart } from './multipart.ts';
import { createRecordingLogger } from './recording-logger.ts';

export type Reply = ReturnType<typeof readReply>;

const item = z.looseObject({ id: z.number() });
const faulty = z.object({ errors: z.array(z.object({ pointer: z.string() })) });

/** The item, the items, or the pointers of the errors in a reply. */
export const itemOf = ({ body }: Reply) => item.parse(body);
export const itemsOf = ({ body }: Reply) => z.array(item).parse(body);
export const pointersOf = ({ body }: Reply) => faulty.parse(body).errors.map(({ pointer }) => pointer);

export interface TasksApi {
  proxy: InProcessProxy;
  logged: string[];
  /** @param route without the prefix `/api/v1`: `GET /tasks/{id}/` */
  ask: (route: string, request?: HttpRequest) => Promise<Reply>;
  /** Creates an item. @returns its id */
  make: (collection: string, body: unknown) => Promise<number>;
  upload: (content: string | Uint8Array) => Promise<Reply>;
  uploadParts: (parts: readonly FormPart[]) => Promise<Reply>;
}

export async function startTasksApi(kind: TestDatabaseKind): Promise<TasksApi> {
  const proxy = await InProcessProxy.start(kind);
  const { logger, lines: logged } = createRecordingLogger();
  const handler = createHandler({ dbProxy: proxy, logger });
  const ask = async (route: string, request?: HttpRequest) =>
    readReply(await handler(httpEvent(route.replace(' ', ' /api/v1'), request)));
  const uploadParts = async (parts: readonly FormPart[]) =>
    readReply(await handler(multipartEvent('POST /api/v1/tasks/upload/', parts)));
  return {
    proxy,
    logged,
    ask,
    make: async (collection, body) => {
      const reply = await ask(`POST /${collection}/`, { body });
      expect(reply).toMatchObject({ status: 201 });
      return itemOf(reply).id;
    },
    upload: (content) => uploadParts([{ name: 'file', filename: 'tasks.csv', content }]),
    uploadParts,
  };
}

/** The number of items in each collection. */
export async function totalsOf(api: TasksApi) {
  return {
    tasks: await totalOf(api, 'tasks'),
    people: await totalOf(api, 'people'),
    companies: await totalOf(api, 'companies'),
    task_status: await totalOf(api, 'task_status'),
  };
}

async function totalOf(api: TasksApi, collection: string): Promise<number> {
  const { headers } = await api.ask(`GET /${collection}/`, { query: { limit: '1' } });
  return Number(headers['x-total-count']);
}
