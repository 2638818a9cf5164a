/** The steps of the routes about webhooks: they are managed here; collect-lambdas/webhook-delivery sends the events. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { MAX_WEBHOOKS } from '../../db-proxy-lambda/contract.ts';
import { askedBy, jsonResponse, pathParameter, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import { pageResponse } from '../shared/query.ts';
import type { BodyRequest, Request } from '../shared/route.ts';
import { urlFault } from '../shared/webhooks/address.ts';
import { signedMessage, testPayload } from '../shared/webhooks/message.ts';
import { generateSecret } from '../shared/webhooks/signature.ts';
import type { Dependencies } from './dependencies.ts';
import type { deliveriesQuery, listQuery, newWebhook, webhookChanges } from './request.ts';

/** Only this reply shows the secret; the database stores it encrypted. */
export async function createWebhook(
  { dbProxy, seal, allowsLoopback }: Dependencies,
  { event, caller, readBody }: BodyRequest<typeof newWebhook>,
): Promise<HttpResponse> {
  const { url, events, form_id: formId = null } = readBody();
  checkUrl(url, allowsLoopback);
  const secret = generateSecret();
  const created = await dbProxy.call('createWebhook', {
    webhook_id: randomUUID(),
    url,
    secret: await seal.seal(secret),
    events: [...new Set(events)],
    form_id: formId,
    by: askedBy(event, caller),
  });
  if (created.outcome === 'full') {
    throw new Problem('too-many-webhooks', { detail: `Delete one first: at most ${MAX_WEBHOOKS} can be stored.` });
  }
  return jsonResponse(201, { ...created.webhook, secret }, { 'cache-control': 'no-store' });
}

export async function listWebhooks(
  { dbProxy }: Dependencies,
  { query: { limit, cursor: after } }: Request<typeof listQuery>,
): Promise<HttpResponse> {
  return pageResponse(await dbProxy.call('listWebhooks', { limit, after }));
}

export async function getWebhook(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  return jsonResponse(200, (await find(dependencies, event)).webhook);
}

/** A change makes pending deliveries due. */
export async function changeWebhook(
  { dbProxy, allowsLoopback, triggerDelivery }: Dependencies,
  { event, caller, readBody }: BodyRequest<typeof webhookChanges>,
): Promise<HttpResponse> {
  const webhookId = idOf(event);
  const { events, ...others } = readBody();
  if (others.url !== undefined) checkUrl(others.url, allowsLoopback);
  const changes = { ...others, ...(events !== undefined && { events: [...new Set(events)] }) };
  const by = askedBy(event, caller);
  const { webhook } = await dbProxy.call('updateWebhook', { webhook_id: webhookId, changes, by });
  if (webhook === null) throw notFound();
  if (webhook.pending > 0) await triggerDelivery(webhookId);
  return jsonResponse(200, webhook);
}

export async function deleteWebhook({ dbProxy }: Dependencies, { event, caller }: Request): Promise<HttpResponse> {
  const { deleted } = await dbProxy.call('deleteWebhook', { webhook_id: idOf(event), by: askedBy(event, caller) });
  if (!deleted) throw notFound();
  return { statusCode: 204 };
}

/** Sends a test event immediately, and replies whether it arrived. */
export async function testWebhook(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  const { seal, createSender, now } = dependencies;
  const { webhook, secret: sealed } = await find(dependencies, event);
  const began = now();
  const secret = await seal.open(sealed);
  const payload = testPayload(randomUUID(), new Date(began).toISOString());
  const sender = createSender();
  try {
    const outcome = await sender.send(signedMessage({ url: webhook.url, secret }, payload, began));
    return jsonResponse(200, {
      delivered: outcome.ok,
      status: outcome.status ?? null,
      reason: outcome.ok ? null : outcome.reason,
      milliseconds: now() - began,
    });
  } finally {
    sender.close();
  }
}

export async function listDeliveries(
  dependencies: Dependencies,
  { event, query: { status, limit, cursor: after } }: Request<typeof deliveriesQuery>,
): Promise<HttpResponse> {
  const { webhook } = await find(dependencies, event);
  const { webhook_id: webhookId } = webhook;
  return pageResponse(
    await dependencies.dbProxy.call('listDeliveries', { webhook_id: webhookId, status, limit, after }),
  );
}

/** Tries the dead letters again. */
export async function redeliver(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  const { dbProxy, triggerDelivery } = dependencies;
  const { webhook } = await find(dependencies, event);
  const { webhook_id: webhookId } = webhook;
  const { redelivered } = await dbProxy.call('redeliver', { webhook_id: webhookId });
  if (redelivered > 0) await triggerDelivery(webhookId);
  return jsonResponse(202, { redelivered });
}

async function find({ dbProxy }: Dependencies, event: HttpEvent) {
  const { found } = await dbProxy.call('getWebhook', { webhook_id: idOf(event) });
  if (found === null) throw notFound();
  return found;
}

function idOf(event: HttpEvent): string {
  const { success, data } = z.uuid().safeParse(pathParameter(event, 'webhook_id'));
  if (!success) throw notFound();
  return data;
}

function notFound(): Problem {
  return new Problem('not-found', { detail: 'There is no webhook with this id. GET /webhooks lists them.' });
}

function checkUrl(url: string, allowsLoopback: boolean): void {
  const detail = urlFault(url, allowsLoopback);
  if (detail !== undefined) throw new Problem('invalid-body', { errors: [{ pointer: '/url', detail }] });
}
