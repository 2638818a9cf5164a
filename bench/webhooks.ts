/**
 * Sends a burst of events to the receiver of a webhook. Compares the speed with that of a client that has all messages
 * in memory and signs none.
 */
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { Worker } from 'node:worker_threads';
import { deliver } from '../collect-lambdas/webhook-delivery/deliver.ts';
import type { Dependencies } from '../collect-lambdas/webhook-delivery/dependencies.ts';
import { createLogger } from '../collect-lambdas/shared/logger.ts';
import { createSender } from '../collect-lambdas/shared/webhooks/sender.ts';
import { createDependencies } from '../db-proxy-lambda/dependencies.ts';
import { dbProxyBehind } from '../local/local-aws.ts';
import { createHandler } from '../db-proxy-lambda/handler.ts';
import type { ServerKind } from '../tests/support/private-server.ts';
import { inParallel, printTable, seconds } from './report.ts';
import { withDatabase, type BenchDatabase } from './stack.ts';

const EVENTS = 10_000;
const CONNECTIONS = 16;
/** How long the receiver takes for each event, in milliseconds. */
const THINKING = [0, 5, 20];

/** A receiver in a thread of its own, so that it does not compete with the sender for the event loop. */
const RECEIVER = `
const { workerData, parentPort } = require('node:worker_threads');
const server = require('node:http').createServer((request, reply) => {
  const answer = () => reply.writeHead(204).end();
  request.resume().on('end', () => (workerData === 0 ? answer() : setTimeout(answer, workerData)));
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

export async function benchWebhooks(server: ServerKind | undefined): Promise<void> {
  for (const database of ['sqlite', { server }] satisfies BenchDatabase[]) {
    await withDatabase(database, async ({ url, program }) => {
      const rows = [];
      for (const milliseconds of THINKING) rows.push(await measure(url, milliseconds));
      printTable(`${EVENTS} events to a receiver over ${CONNECTIONS} connections, with ${program}`, rows);
    });
  }
}

async function measure(databaseUrl: string, milliseconds: number) {
  const worker = new Worker(RECEIVER, { eval: true, workerData: milliseconds });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const receiver = `http://127.0.0.1:${port}/`;
  const proxyDependencies = createDependencies({ DATABASE_URL: databaseUrl });
  try {
    const handle = createHandler(proxyDependencies);
    const dbProxy = dbProxyBehind(async (request) => JSON.stringify(await handle(JSON.parse(request))));
    const { db } = await proxyDependencies.database();
    const webhookId = randomUUID();
    const created = { webhook_id: webhookId, url: receiver, secret: 'sealed', events: ['accepted' as const] };
    await dbProxy.call('createWebhook', { ...created, form_id: null });
    const now = new Date().toISOString();
    for (let first = 0; first < EVENTS; first += 500) {
      const rows = Array.from({ length: 500 }, (_, index) => deliveryOf(webhookId, first + index, now));
      await db.insertInto('webhook_deliveries').values(rows).execute();
    }
    const body = JSON.stringify(deliveryOf(webhookId, 1, now));
    const alone = await seconds(() => postAll(receiver, body));
    const delivered = await seconds(() => deliverAll(workerDependencies(dbProxy), webhookId));
    const left = await dbProxy.call('getWebhook', { webhook_id: webhookId });
    if (left.found?.webhook.pending !== 0) throw new Error('Some events were not delivered.');
    return {
      'receiver answers after': `${milliseconds} ms`,
      'receiver alone, events/s': Math.round(EVENTS / alone),
      'delivered, events/s': Math.round(EVENTS / delivered),
      'of the receiver’s speed': (alone / delivered).toFixed(2),
    };
  } finally {
    await worker.terminate();
    await proxyDependencies.connection().close();
  }
}

function workerDependencies(dbProxy: Dependencies['dbProxy']): Dependencies {
  return {
    dbProxy,
    seal: { seal: (secret) => Promise.resolve(secret), open: (sealed) => Promise.resolve(sealed) },
    createSender: () => createSender({ allowsLoopback: true }),
    store: {
      get: () => Promise.resolve(undefined),
      put: () => Promise.resolve(true),
      remove: () => Promise.resolve(),
      list: () => Promise.resolve([]),
    },
    send: () => Promise.resolve(),
    logger: createLogger('bench'),
    now: Date.now,
    random: Math.random,
  };
}

/** Runs the delivery function until no event is due. In AWS, messages of its queue start it again. */
async function deliverAll(dependencies: Dependencies, webhookId: string): Promise<void> {
  for (;;) {
    const run = await deliver(dependencies, webhookId, randomUUID());
    if (run !== 'held' && run.dueAt === null) return;
  }
}

async function postAll(url: string, body: string): Promise<void> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  await inParallel(CONNECTIONS, Array.from({ length: EVENTS }).keys(), () => post(url, body, agent));
  agent.destroy();
}

function post(url: string, body: string, agent: http.Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = http.request(url, { method: 'POST', agent, headers });
    request.once('error', reject);
    request.once('response', (reply) => reply.resume().once('end', resolve));
    request.end(body);
  });
}

function deliveryOf(webhookId: string, index: number, now: string) {
  return {
    webhook_id: webhookId,
    event_id: index,
    type: 'accepted' as const,
    response_id: `response-${index}`,
    revision: 1,
    form_id: 'household_finances',
    user_id: 'collector-1',
    occurred_at: now,
    content: JSON.stringify({ flags: [] }),
    status: 'pending' as const,
    attempts: 0,
    due_at: now,
    expires_at: '2099-01-01T00:00:00.000Z',
  };
}
