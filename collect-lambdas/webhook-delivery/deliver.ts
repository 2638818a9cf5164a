/** Delivers what is due to one webhook. */
import type { ClaimedDelivery, Result } from '../../db-proxy-lambda/contract.ts';
import { traceOf } from '../shared/logger.ts';
import { eventPayload, signedMessage } from '../shared/webhooks/message.ts';
import type { Sender } from '../shared/webhooks/sender.ts';
import type { Dependencies } from './dependencies.ts';
import { Lanes } from './lanes.ts';
import { Receiver } from './receiver.ts';

const PAGE = 500;
/** The function's timeout. The lease of a run that died expires by then. */
const RUN_MS = 60_000;
/** A run begins no try after this time, because a try takes up to ten seconds. */
const LAST_TRY_MS = 40_000;

type Target = NonNullable<Result<'claimDeliveries'>['target']>;

/** `held` if another run holds the webhook; otherwise when its next delivery is due, or null if none is pending. */
export type Delivered = 'held' | { dueAt: string | null; dead: number };

/**
 * Sends due deliveries until none is left, the receiver fails or the time is up. The next page is read while the second
 * half of the current page is sent. The events of a response are sent one after the other; the events of different responses
 * are sent at the same time, over several connections.
 *
 * @param holder a unique name for this run
 */
export async function deliver(dependencies: Dependencies, webhookId: string, holder: string): Promise<Delivered> {
  const { dbProxy, createSender, now, random } = dependencies;
  const began = now();
  const held = () => ({ webhook_id: webhookId, holder, now: new Date(now()).toISOString() });
  const claim = (after: number, receiver?: Receiver) =>
    dbProxy.call('claimDeliveries', {
      ...held(),
      lease_seconds: Math.max(1, Math.ceil((began + RUN_MS - now()) / 1_000)),
      after,
      limit: PAGE,
      outcomes: receiver?.takeOutcomes() ?? { delivered: [], failed: [] },
    });
  const first = await claim(0);
  if (!first.claimed) return 'held';
  const { target } = first;
  const receiver = new Receiver(target?.failures ?? 0, now, random);
  const secret = target === null ? undefined : await openSecret(dependencies, target, receiver);
  if (target !== null && secret !== undefined) {
    const isStopped = (): boolean => receiver.isFailing || now() > began + LAST_TRY_MS;
    const sender = createSender();
    const way: Way = { sender, receiver, isStopped, url: target.url, secret };
    try {
      if (!(await sendAll(dependencies, way, first.deliveries, claim))) return 'held';
    } finally {
      sender.close();
    }
  }
  const { due_at: dueAt, expired } = await dbProxy.call('finishDeliveries', {
    ...held(),
    ...(target !== null && { url: target.url }),
    outcomes: receiver.takeOutcomes(),
    ...receiver.report(),
  });
  return { dueAt, dead: receiver.dead + expired };
}

async function openSecret(
  { seal, logger }: Dependencies,
  target: Target,
  receiver: Receiver,
): Promise<string | undefined> {
  try {
    return await seal.open(target.secret);
  } catch (error) {
    logger.error('secret of a webhook not read', traceOf(error));
    receiver.fail('The secret of the webhook cannot be read. If that lasts, delete the webhook and create it again.');
    return undefined;
  }
}

interface Way {
  sender: Sender;
  receiver: Receiver;
  isStopped: () => boolean;
  url: string;
  secret: string;
}

/** @returns whether this run still holds the webhook */
async function sendAll(
  { now }: Dependencies,
  { sender, receiver, isStopped, url, secret }: Way,
  first: readonly ClaimedDelivery[],
  claim: (after: number, receiver: Receiver) => Promise<Result<'claimDeliveries'>>,
): Promise<boolean> {
  let isHeld = true;
  const lanes = new Lanes<ClaimedDelivery>({
    laneOf: ({ response_id: responseId }) => responseId,
    limit: () => receiver.connections,
    isStopped: () => !isHeld || isStopped(),
    work: async (delivery) => {
      if (receiver.isBlocked(delivery)) return false;
      return receiver.record(
        delivery,
        await sender.send(signedMessage({ url, secret }, eventPayload(delivery), now())),
      );
    },
  });
  for (let deliveries = first; deliveries.length > 0 && !isStopped();) {
    lanes.add(deliveries);
    await lanes.untilLeft(PAGE / 2);
    const next = await claim(deliveries.at(-1)?.delivery_id ?? 0, receiver);
    isHeld = next.claimed;
    deliveries = next.deliveries;
    if (deliveries.length > 0) continue;
    await lanes.untilLeft(0);
    if (!isHeld) return false;
    if (isStopped()) break;
    // The end of the list: older deliveries may have become due meanwhile.
    deliveries = (await claim(0, receiver)).deliveries;
    receiver.unblock();
  }
  await lanes.untilLeft(0);
  return true;
}
