import * as z from 'zod';
import { queueFrom, snapshotStoreFrom } from '../dependencies.ts';
import type { Environment } from '../environment.ts';
import type { Logger } from '../logger.ts';
import { createObjectStore } from '../object-store.ts';
import { createSeal, type Seal } from './seal.ts';
import { createSender, type Sender } from './sender.ts';
import { createDeliveryTrigger, type TriggerDelivery } from './trigger.ts';

export function sealFrom(environment: Environment): Seal {
  return createSeal(createObjectStore(environment.text('CREDENTIALS_BUCKET'), environment.variables));
}

/** Whether this installation sends to its own machine, as the local stack does. */
export function allowsLoopbackFrom(environment: Environment): boolean {
  const choice = z.enum(['refuse', 'allow'], 'Set it to refuse or allow.');
  return environment.optional('WEBHOOK_LOOPBACK', choice, 'refuse') === 'allow';
}

export function senderFrom(environment: Environment): () => Sender {
  const allowsLoopback = allowsLoopbackFrom(environment);
  return () => createSender({ allowsLoopback });
}

export function deliveryTriggerFrom(environment: Environment, logger: Logger): TriggerDelivery {
  return createDeliveryTrigger(snapshotStoreFrom(environment), queueFrom(environment, 'WEBHOOK_QUEUE_URL'), logger);
}
