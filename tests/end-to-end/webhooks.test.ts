/** A stored response, its correction and its erasure reach the receiver of a webhook. */
import { setTimeout as wait } from 'node:timers/promises';
import { sign } from '../../collect-lambdas/shared/webhooks/signature.ts';
import { TestReceiver } from '../support/receiver.ts';
import { BREAKS_RULE1, household } from '../support/responses.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

let stack: TestStack;
let receiver: TestReceiver;
beforeAll(async () => {
  stack = await startTestStack();
  receiver = await TestReceiver.start();
});
afterAll(async () => {
  await receiver?.stop();
  await stack?.stop();
});

async function ask<Body>(method: string, route: string, body?: object): Promise<Body> {
  const reply = await fetch(stack.url + route, {
    method,
    headers: { authorization: `Bearer ${stack.tokens.manager}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(text);
  return JSON.parse(text === '' ? 'null' : text);
}

async function receivedAtLeast(count: number): Promise<void> {
  for (let tries = 0; receiver.received.length < count && tries < 300; tries += 1) await wait(100);
}

test('a flagged response, its correction and its erasure arrive, signed and in order', async () => {
  const events = ['flagged', 'corrected', 'erased'];
  const { webhook_id: id, secret } = await ask<{ webhook_id: string; secret: string }>('POST', '/webhooks', {
    url: receiver.url(),
    events,
  });
  const response = household({ response_id: 'webhook-1', ...BREAKS_RULE1 });
  await ask('POST', '/collect', response);
  await receivedAtLeast(1);
  await ask('POST', '/collect', household({ response_id: 'webhook-1', last_modified_time: '2026-09-01T07:00:00Z' }));
  await receivedAtLeast(2);
  await ask('DELETE', '/responses/webhook-1');
  await receivedAtLeast(3);

  expect(receiver.received.map(({ body }) => [body['type'], body['revision']])).toEqual([
    ['flagged', 1],
    ['corrected', 2],
    ['erased', 3],
  ]);
  for (const { headers, text } of receiver.received) {
    const [, seconds] = /^t=(\d+)/.exec(String(headers['collect-signature'])) ?? [];
    expect(headers['collect-signature']).toBe(sign(secret, text, Number(seconds) * 1_000));
  }
  expect(await ask('GET', `/webhooks/${id}`)).toMatchObject({ state: 'working', dead: 0 });
});
