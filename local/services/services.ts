/** S3, SQS and SNS on this machine, with the buckets, queues and topics of the template. */
import { once } from 'node:events';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { SQSClient, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { localClientOptions } from '../local-aws.ts';
import { TemplateError } from '../template/model.ts';
import type { ApplicationModel, SubscriptionModel } from '../template/model.ts';
import { ACCOUNT_ID, REGION } from '../template/references.ts';
import type { ObjectChange } from './object-events.ts';
import type { WorkerData, WorkerMessage, WorkerReply, WorkerRequest } from './worker.ts';

/** npm runs scripts in the project's folder. */
const WORKER = resolve('local/services/worker.ts');

const lastPart = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);

/** The queue that stands between a topic and a function: fauxqs delivers to queues only. */
export function deliveryQueue({ topicArn, endpoint }: SubscriptionModel): string {
  return `sns-${lastPart(topicArn)}-${lastPart(endpoint)}`.slice(0, 80);
}

/** Whether any of these services is needed. */
export function needsServices({ buckets, queues, topics }: ApplicationModel): boolean {
  return buckets.length + queues.length + topics.length > 0;
}

export class Services {
  #worker: Worker | undefined;
  #exited: Promise<unknown> = Promise.resolve();
  #url = '';
  #client: SQSClient | undefined;

  /** Starts the services with what `folder` holds of earlier runs. */
  async start(folder: string): Promise<void> {
    const worker = new Worker(WORKER, { workerData: { folder, region: REGION } satisfies WorkerData });
    this.#worker = worker;
    this.#exited = once(worker, 'exit');
    const reply = await this.#reply(worker);
    if (reply.type === 'started') this.#url = `http://127.0.0.1:${reply.port}`;
  }

  /** Serves all three. */
  get url(): string {
    return this.#url;
  }

  /** A client of the queues. */
  get sqs(): SQSClient {
    this.#client ??= new SQSClient(localClientOptions(this.#url));
    return this.#client;
  }

  /** Calls `listener` for every object that is made or deleted from now on. */
  onObjectChange(listener: (change: ObjectChange) => void): void {
    this.#worker?.on('message', (message: WorkerMessage) => {
      if (message.type === 'object') listener(message.change);
    });
  }

  queueUrl(name: string): string {
    return `${this.#url}/${ACCOUNT_ID}/${name}`;
  }

  /**
   * Makes what the model asks for and is not there yet. Queues keep their messages; their attributes become the template's.
   * @throws TemplateError when the services refuse a resource.
   */
  async setup(model: ApplicationModel): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    const toFunctions = model.subscriptions.filter(({ protocol }) => protocol === 'lambda');
    const request: WorkerRequest = {
      type: 'setup',
      resources: {
        queues: [...model.queues, ...toFunctions.map((subscription) => ({ name: deliveryQueue(subscription) }))],
        topics: model.topics.map(({ name }) => ({ name })),
        subscriptions: model.subscriptions.map((subscription) => ({
          topic: lastPart(subscription.topicArn),
          queue: subscription.protocol === 'lambda' ? deliveryQueue(subscription) : lastPart(subscription.endpoint),
          attributes: subscription.attributes,
        })),
        buckets: model.buckets,
      },
    };
    worker.postMessage(request);
    const reply = await this.#reply(worker);
    if (reply.type === 'failed') throw new TemplateError(`Queues, topics and buckets: ${reply.reason}`);
    await Promise.all(model.queues.map(({ name, attributes }) => this.#setAttributes(name, attributes)));
  }

  /** Ends the thread, once what it holds is on disk. */
  async stop(): Promise<void> {
    this.#client?.destroy();
    this.#worker?.postMessage({ type: 'stop' } satisfies WorkerRequest);
    await this.#exited;
  }

  async #setAttributes(name: string, attributes: Record<string, string>): Promise<void> {
    const { FifoQueue: _fixed, ...changeable } = attributes;
    if (Object.keys(changeable).length === 0) return;
    const command = new SetQueueAttributesCommand({ QueueUrl: this.queueUrl(name), Attributes: changeable });
    await this.sqs.send(command).catch((error: unknown) => {
      throw new TemplateError(`The queue ${name}: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  /** What the thread answers next; an error that ends it is thrown. */
  #reply(worker: Worker): Promise<WorkerReply> {
    return new Promise((done, fail) => {
      const listen = (message: WorkerMessage): void => {
        if (message.type === 'object') return;
        worker.off('message', listen);
        worker.off('error', fail);
        done(message);
      };
      worker.on('message', listen);
      worker.once('error', fail);
    });
  }
}
