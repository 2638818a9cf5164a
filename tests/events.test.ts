/** Every file of events/ goes to its function, as `sam local invoke` would send it: the same bundles answer. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { startTestStack, type TestStack } from './support/test-stack.ts';

/** The function of a folder of events/, and of the files in it that are for another one. */
const FUNCTIONS: [pattern: RegExp, functionName: string][] = [
  [/^metrics\/ingest-/, 'collect-MetricsIngestFunction'],
  [/^tasks\/follow-up/, 'collect-TaskFollowUpFunction'],
  [/^db-proxy\//, 'collect-DbProxy-DbProxyFunction'],
  [/^authorizer\//, 'collect-AuthorizerFunction'],
  [/^calculation\//, 'collect-CalculationFunction'],
  [/^collect\//, 'collect-CollectFunction'],
  [/^docs\//, 'collect-DocsFunction'],
  [/^sweep\//, 'collect-SweepFunction'],
  [/^exports\//, 'collect-ExportsFunction'],
  [/^forms\//, 'collect-FormsFunction'],
  [/^hello\//, 'collect-HelloFunction'],
  [/^metrics\//, 'collect-MetricsFunction'],
  [/^publish\//, 'collect-PublishFunction'],
  [/^responses\//, 'collect-ResponsesFunction'],
  [/^sheets\//, 'collect-SheetsFunction'],
  [/^tasks\//, 'collect-TasksFunction'],
  [/^tokens\//, 'collect-TokensFunction'],
  [/^write\//, 'collect-WriteFunction'],
];

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
  const functionName = FUNCTIONS.find(([pattern]) => pattern.test(file))?.[1] ?? '';
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

test.each(files.filter((file) => /^(sweep|publish|sheets|write)\/|^tasks\/follow-up/.test(file) && !isHttp(file)))(
  '%s is handled',
  async (file) => {
    expect((await send(file)).isFunctionError).toBe(false);
  },
);
