/** Sends the samples of events/tasks, which are also the examples in the API documentation, in this order. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { createRecordingLogger } from '../../tests/support/recording-logger.ts';
import type { HttpEvent } from '../shared/http.ts';
import { createHandler } from './routes.ts';

const FOLDER = path.join(process.cwd(), 'events/tasks');
const sample = (name: string): HttpEvent => JSON.parse(readFileSync(path.join(FOLDER, `${name}.json`), 'utf8'));

const VALID = [
  ['create-person', 201],
  ['create-company', 201],
  ['create-task-status', 201],
  ['create-task', 201],
  ['change-person', 200],
  ['list-companies', 200],
  ['list-tasks', 200],
  ['get-task', 200],
  ['change-task', 200],
  ['upload-tasks', 200],
  ['delete-task', 204],
] as const;

const INVALID: Record<string, number> = { 'get-task-invalid': 404, 'delete-task-invalid': 404 };

describe('The samples of events/tasks', () => {
  let proxy: InProcessProxy;
  let handler: ReturnType<typeof createHandler>;
  beforeEach(async () => {
    proxy = await InProcessProxy.start('sqlite');
    handler = createHandler({ dbProxy: proxy, logger: createRecordingLogger().logger });
  });
  afterEach(() => proxy.stop());

  it('are accepted if they are valid', async () => {
    for (const [name, status] of VALID) {
      expect([name, (await handler(sample(name))).statusCode]).toEqual([name, status]);
    }
  });

  it('are refused if they are invalid', async () => {
    const names = readdirSync(FOLDER).map((file) => path.parse(file).name);
    const invalid = names.filter((name) => name.endsWith('-invalid'));
    expect(invalid).toHaveLength(VALID.length);
    for (const name of invalid) {
      expect([name, (await handler(sample(name))).statusCode]).toEqual([name, INVALID[name] ?? 422]);
    }
  });
});

interface Template {
  Resources: { TasksFunction: { Properties: { Events: Record<string, { Properties: Record<string, string> }> } } };
}

describe('The template', () => {
  it('has the routes that the function serves, with and without the trailing slash', async () => {
    const text = readFileSync(path.join(process.cwd(), 'template.yaml'), 'utf8');
    const template: Template = parse(text, { logLevel: 'silent' });
    const routes = Object.values(template.Resources.TasksFunction.Properties.Events).map(
      ({ Properties }) => `${Properties['Method']} ${Properties['Path']}`,
    );
    expect(routes).toHaveLength(42);
    const handler = createHandler({
      dbProxy: { call: () => Promise.reject(new Error('Not asked here.')) },
      logger: createRecordingLogger().logger,
    });
    const event = sample('get-task-invalid');
    for (const routeKey of routes) {
      expect(routes).toContain(routeKey.endsWith('/') ? routeKey.slice(0, -1) : `${routeKey}/`);
      // The 404 of an unknown route does not mention an id.
      const { statusCode, body } = await handler({ ...event, routeKey, pathParameters: {} });
      expect([routeKey, statusCode === 404 && !(body ?? '').includes('detail')]).toEqual([routeKey, false]);
    }
  });
});
