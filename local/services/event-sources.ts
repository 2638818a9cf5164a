/** The template's event sources: queues, buckets and schedules. */
import { randomUUID } from 'node:crypto';
import type { FunctionHost } from '../functions/function-host.ts';
import type { ApplicationModel, ScheduleModel } from '../template/model.ts';
import { ACCOUNT_ID, REGION } from '../template/references.ts';
import { toObjectEvent, wants } from './object-events.ts';
import { QueuePoller } from './queue-poller.ts';
import type { Services } from './services.ts';

function scheduledEvent({ arn }: ScheduleModel): string {
  return JSON.stringify({
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: ACCOUNT_ID,
    time: new Date().toISOString(),
    region: REGION,
    resources: [arn],
    detail: {},
  });
}

export class EventSources {
  readonly #pollers: QueuePoller[] = [];
  readonly #timers: NodeJS.Timeout[] = [];

  /** Begins to poll the queues and to run the schedules. */
  start(model: ApplicationModel, services: Services, functions: FunctionHost): void {
    for (const source of model.queueSources) this.#pollers.push(new QueuePoller(source, services, functions));
    services.onObjectChange((change) => {
      const event = Buffer.from(JSON.stringify(toObjectEvent(change)));
      for (const source of model.objectSources) {
        if (wants(source, change)) functions.invokeAsynchronously(source.functionName, event);
      }
      for (const queue of model.objectQueues) {
        if (wants(queue, change)) void services.sendMessage(queue.queueName, event.toString());
      }
    });
    for (const schedule of model.schedules) {
      const run = (): void =>
        functions.invokeAsynchronously(schedule.functionName, Buffer.from(scheduledEvent(schedule)));
      this.#timers.push(setInterval(run, schedule.everyMilliseconds));
    }
  }

  /** Stops all sources. Resolves when the batches in progress are done. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#pollers.map((poller) => poller.stop()));
  }
}
