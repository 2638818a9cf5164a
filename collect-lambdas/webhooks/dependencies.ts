import { dbProxyFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import type { Logger } from '../shared/logger.ts';
import { allowsLoopbackFrom, deliveryTriggerFrom, sealFrom, senderFrom } from '../shared/webhooks/dependencies.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment, logger: Logger) {
  return {
    dbProxy: dbProxyFrom(environment),
    seal: sealFrom(environment),
    createSender: senderFrom(environment),
    allowsLoopback: allowsLoopbackFrom(environment),
    triggerDelivery: deliveryTriggerFrom(environment, logger),
    /** Milliseconds, as Date.now gives them. */
    now: Date.now,
  };
}
