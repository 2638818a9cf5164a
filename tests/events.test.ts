/** Every file of events/ but one goes to its function, as `sam local invoke` would send it: the same bundles answer. */
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
/** Names that say that what is in the file is refused. */
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
  return { isFunctionError, answer: JSON.parse(payload.toString()) };
}

const isHttp = (file: string): boolean =>
  !file.startsWith('authorizer/') && readFileSync(path.join('events', file), 'utf8').includes('"routeKey"');

test.each(files.filter(isHttp))('%s gets the reply that its name says', async (file) => {
  const { isFunctionError, answer } = await send(file);

  expect(isFunctionError).toBe(false);
  expect(answer.statusCode).toBeLessThan(500);
  // An example may name something that an empty database does not have, or a revision that another example has passed.
  const isRefused = answer.statusCode >= 400 && (REFUSED.test(file) || ![404, 409].includes(answer.statusCode));
  expect([file, isRefused]).toEqual([file, REFUSED.test(file)]);
});

test.each(files.filter((file) => file.startsWith('authorizer/')))('%s is authorized as refused', async (file) => {
  const { isFunctionError, answer } = await send(file);

  expect(isFunctionError).toBe(false);
  expect(answer).toEqual({ isAuthorized: true, context: { refused: expect.any(String) } });
});

test.each(files.filter((file) => file.startsWith('db-proxy/')))('%s gets a reply', async (file) => {
  expect((await send(file)).answer).toMatchObject({ ok: !REFUSED.test(file) });
});

test.each(files.filter((file) => /^(sweep|publish|sheets|write|follow-up)\//.test(file)))(
  '%s is handled',
  async (file) => {
    expect((await send(file)).isFunctionError).toBe(false);
  },
);

// No bucket here has the file of dropped.json. scheduled.json would call the HungerMap API.
test.each(files.filter((file) => /^metrics-ingest\/(?!scheduled)/.test(file)))(
  '%s fails only if nothing can be read',
  async (file) => {
    expect((await send(file)).isFunctionError).toBe(/\/(invalid|dropped)\.json$/.test(file));
  },
);

test('every folder is named after a Lambda', () => {
  const folders = new Set(files.map((file) => path.dirname(file)));
  expect([...folders].filter((folder) => !functionNames.has(folder))).toEqual([]);
});
