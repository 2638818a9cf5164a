/** What X-Ray gets of a request: one trace through the functions that it passed, found by its ids. */
import { eventually } from '../local/testing/fixture.ts';
import { household } from './support/responses.ts';
import { startTestStack, type RunningStack } from './support/running-stack.ts';
import { startTraceDaemon, type Segment, type TraceDaemon } from './support/trace-daemon.ts';

const PROXY = 'collect-DbProxy-DbProxyFunction';

let daemon: TraceDaemon;
let stack: RunningStack;
beforeAll(async () => {
  daemon = await startTraceDaemon();
  stack = await startTestStack(daemon.environment);
}, 120_000);
afterAll(async () => {
  await stack?.stop();
  await daemon?.stop();
});

async function post(response: Record<string, unknown>): Promise<number> {
  const { status } = await fetch(`${stack.url}/collect`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${stack.tokens.collector}` },
    body: JSON.stringify(response),
  });
  return status;
}

/** Waits until a segment was sent that has these annotations. */
const segmentOf = (annotations: Record<string, unknown>): Promise<Segment> =>
  eventually(() =>
    daemon
      .segments()
      .find((each) => Object.entries(annotations).every(([key, value]) => each.annotations?.[key] === value)),
  );

test('a response is one trace, from its route to the operation that saved it', async () => {
  const response = household({ response_id: 'traced-1' });

  expect(await post(response)).toBe(201);

  const collect = await segmentOf({ route: 'POST /collect', response_id: 'traced-1' });
  const proxy = await segmentOf({ operation: 'saveResponses', response_id: 'traced-1' });
  expect(collect).toMatchObject({ name: '## handler', annotations: { ColdStart: expect.any(Boolean) } });
  expect(collect).not.toHaveProperty('fault');
  expect(proxy.trace_id).toBe(collect.trace_id);
  const call = await eventually(() => daemon.segments().find(({ id }) => id === proxy.parent_id));
  expect(call).toMatchObject({ name: 'Lambda', namespace: 'aws', parent_id: collect.id, aws: { operation: 'Invoke' } });
});

test('each request has a trace of its own', async () => {
  for (const id of ['traced-2', 'traced-3']) await post(household({ response_id: id }));

  const [second, third] = [await segmentOf({ response_id: 'traced-2' }), await segmentOf({ response_id: 'traced-3' })];
  expect(second.trace_id).not.toBe(third.trace_id);
});

test('what is answered with an error of the server is a fault', async () => {
  stack.host.faults.inject(PROXY, { kind: 'unavailable', times: 3 });

  const checks = () => daemon.segments().filter(({ annotations }) => annotations?.['route'] === 'GET /health');
  const before = checks().length;

  const answers = [await fetch(`${stack.url}/health`), await fetch(`${stack.url}/health`)];

  expect(answers.map(({ status }) => status)).toEqual([503, 200]);
  const [failed, passed] = await eventually(() => checks().length === before + 2 && checks().slice(before));
  expect(failed).toMatchObject({ fault: true });
  expect(passed).not.toHaveProperty('fault');
});

test('a function that fails is a fault, with the name of the error', async () => {
  const { isFunctionError } = await stack.host.functions.invoke('collect-CollectFunction', Buffer.from('{}'));

  expect(isFunctionError).toBe(true);
  expect(await segmentOf({ error: 'TypeError' })).toMatchObject({ fault: true, name: '## handler' });
});
