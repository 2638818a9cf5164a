/** Sends every file of events/ except one to its function, as `sam local invoke` does with the same bundles. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readApplication } from '../local/read-application.ts';
import { list, text } from '../local/template/values.ts';
import { startTestStack, type TestStack } from './support/test-stack.ts';

const functionNames = new Map(
  readApplication('template.yaml', {}).functions.map(({ name, build }) => [
    path.dirname(text(list(build?.['EntryPoints'])[0])).replace(/^collect-lambdas\/|-lambda$/, ''),
    name,
  ]),
);

const files = globSync('events/**/*.json')
  .map((file) => path.relative('events', file))
  .toSorted();
/** File names of events that are refused. */
const REFUSED = /invalid|not-json|bad-|beyond-|unknown|other-content-type|no-such/;

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.stop());

async function send(file: string) {
  const functionName = functionNames.get(path.dirname(file)) ?? '';
  const event = readFileSync(path.join('events', file));
  const { payload, isFunctionError } = await stack.host.functions.invoke(functionName, event);
  return { isFunctionError, reply: JSON.parse(payload.toString()) };
}

const isHttp = (file: string): boolean =>
  !file.startsWith('authorizer/') && readFileSync(path.join('events', file), 'utf8').includes('"routeKey"');

test.each(files.filter(isHttp))('%s is accepted or refused according to its name', async (file) => {
  const { isFunctionError, reply } = await send(file);

  expect(isFunctionError).toBe(false);
  expect(reply.statusCode).toBeLessThan(500);
  // 404 and 409 are also accepted: an example may name an object that is not in the empty database, or an old revision.
  const isRefused = reply.statusCode >= 400 && (REFUSED.test(file) || ![404, 409].includes(reply.statusCode));
  expect([file, isRefused]).toEqual([file, REFUSED.test(file)]);
});

test.each(files.filter((file) => file.startsWith('authorizer/')))(
  '%s gets the reason with which the function must refuse the caller',
  async (file) => {
    const { isFunctionError, reply } = await send(file);

    expect(isFunctionError).toBe(false);
    expect(reply).toEqual({ isAuthorized: true, context: { refused: expect.any(String) } });
  },
);

test.each(files.filter((file) => file.startsWith('db-proxy/')))(
  '%s is accepted or refused according to its name',
  async (file) => {
    expect((await send(file)).reply).toMatchObject({ ok: !REFUSED.test(file) });
  },
);

test.each(
  files.filter((file) => /^(sweep|publish|sheets|live-sheet|rejudge|write|follow-up|webhook-delivery)\//.test(file)),
)('%s is handled', async (file) => {
  expect((await send(file)).isFunctionError).toBe(false);
});

// No bucket here has the file of dropped.json. scheduled.json would call the HungerMap API.
test.each(files.filter((file) => /^metrics-ingest\/(?!scheduled)/.test(file)))(
  '%s fails only if no rows can be read',
  async (file) => {
    expect((await send(file)).isFunctionError).toBe(/\/(invalid|dropped)\.json$/.test(file));
  },
);

test('every folder is named after a Lambda', () => {
  const folders = new Set(files.map((file) => path.dirname(file)));
  expect([...folders].filter((folder) => !functionNames.has(folder))).toEqual([]);
});
