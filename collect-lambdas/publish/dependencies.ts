import { backOffFrom, dbProxyFrom, snapshotStoreFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import type { Logger } from '../shared/logger.ts';
import { deliveryTriggerFrom } from '../shared/webhooks/dependencies.ts';
import { liveSheetTriggerFrom } from '../shared/live-sheet-trigger.ts';
import { createHourlyRepair } from './hourly-repair.ts';
import { createTopic } from './topic.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment, logger: Logger) {
  return {
    dbProxy: dbProxyFrom(environment),
    /** Requests a repair of the snapshot once an hour, while there is activity and the database is awake. */
    requestRepair: createHourlyRepair(snapshotStoreFrom(environment), logger),
    /** Starts the worker of live sheets, after the consumers got the published events. */
    triggerLiveSheets: liveSheetTriggerFrom(environment, logger),
    publish: createTopic(environment.text('RESPONSES_TOPIC_ARN')),
    triggerDelivery: deliveryTriggerFrom(environment, logger),
    backOff: backOffFrom(environment, 'PUBLISH_QUEUE_URL', logger),
    /** Milliseconds, as Date.now gives them. */
    now: Date.now,
  };
}
