/** Everything that invokes functions by itself: queues, topics, buckets and schedules of the template. */
import { randomUUID } from 'node:crypto';
import type { SQSRecord } from 'aws-lambda';
import type { FunctionHost } from '../functions/function-host.ts';
import type { InvokeResult } from '../functions/invocation.ts';
import type { ApplicationModel, QueueSourceModel, ScheduleModel, SubscriptionModel } from '../template/model.ts';
import { ACCOUNT_ID, REGION, arnOf } from '../template/references.ts';
import { toObjectEvent, wants } from './object-events.ts';
import { QueuePoller, queueEvent } from './queue-poller.ts';
import { toSnsEvent } from './records.ts';
import { deliveryQueue } from './services.ts';
import type { Services } from './services.ts';

function scheduledEvent({ arn, input }: ScheduleModel): string {
  if (input !== undefined) return input;
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

  /** Polls and keeps time from now on. */
  start(model: ApplicationModel, services: Services, functions: FunctionHost): void {
    for (const source of model.queueSources) this.#poll(source, services, functions);
    for (const subscription of model.subscriptions) {
      if (subscription.protocol === 'lambda') this.#deliver(subscription, services, functions);
    }
    services.onObjectChange((change) => {
      const event = Buffer.from(JSON.stringify(toObjectEvent(change)));
      for (const source of model.objectSources) {
        if (wants(source, change)) functions.invokeAsynchronously(source.functionName, event);
      }
    });
    for (const schedule of model.schedules) {
      const run = (): void =>
        functions.invokeAsynchronously(schedule.functionName, Buffer.from(scheduledEvent(schedule)));
      this.#timers.push(setInterval(run, schedule.everyMilliseconds));
    }
  }

  /** Starts nothing more at once; resolves when what is under way is done. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#pollers.map((poller) => poller.stop()));
  }

  #poll(source: QueueSourceModel, services: Services, functions: FunctionHost): void {
    this.#pollers.push(
      new QueuePoller({
        source,
        client: services.sqs,
        queueUrl: services.queueUrl(source.queueName),
        deliver: (records) => functions.invoke(source.functionName, queueEvent(records)),
      }),
    );
  }

  #deliver(subscription: SubscriptionModel, services: Services, functions: FunctionHost): void {
    const functionName = subscription.endpoint.replace(/^.*:function:/, '').replace(/:.*$/, '');
    const queueName = deliveryQueue(subscription);
    const source: QueueSourceModel = {
      functionName,
      queueName,
      queueArn: arnOf('sqs', queueName),
      batchSize: 1,
      batchingWindowSeconds: 0,
      maximumConcurrency: 5,
      reportsBatchItemFailures: false,
    };
    // SNS invokes functions asynchronously: the message is off its queue once Lambda has it.
    const deliver = (records: SQSRecord[]): Promise<InvokeResult> => {
      for (const { body } of records) {
        functions.invokeAsynchronously(functionName, Buffer.from(JSON.stringify(toSnsEvent(body))));
      }
      return Promise.resolve({ payload: Buffer.from('null'), isFunctionError: false });
    };
    this.#pollers.push(
      new QueuePoller({ source, client: services.sqs, queueUrl: services.queueUrl(queueName), deliver }),
    );
  }
}
