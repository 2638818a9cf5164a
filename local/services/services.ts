/** Local S3, SQS and SNS, with the buckets, queues and topics of the template. */
import { once } from 'node:events';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { SendMessageCommand, SQSClient, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { localClientOptions } from '../local-aws.ts';
import { TemplateError } from '../template/model.ts';
import type { ApplicationModel } from '../template/model.ts';
import { ACCOUNT_ID, REGION } from '../template/references.ts';
import type { ObjectChange } from './object-events.ts';
import type { WorkerData, WorkerMessage, WorkerReply, WorkerRequest } from './worker.ts';

/** A path from the project's folder, in which npm runs scripts. */
const WORKER = resolve('local/services/worker.ts');

const lastPart = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);

/** Whether the template needs one of these services. */
export function needsServices({ buckets, queues, topics }: ApplicationModel): boolean {
  return buckets.length + queues.length + topics.length > 0;
}

export class Services {
  #worker: Worker | undefined;
  #exited: Promise<unknown> = Promise.resolve();
  #url = '';
  #isStopping = false;
  #client: SQSClient | undefined;

  /** Starts the services. `folder` holds the data of earlier runs. */
  async start(folder: string): Promise<void> {
    const worker = new Worker(WORKER, { workerData: { folder, region: REGION } satisfies WorkerData });
    this.#worker = worker;
    this.#exited = once(worker, 'exit');
    const reply = await this.#reply(worker);
    if (reply.type === 'started') this.#url = `http://127.0.0.1:${reply.port}`;
  }

  /** The URL of all three services. */
  get url(): string {
    return this.#url;
  }

  /** A client of the queues. */
  get sqs(): SQSClient {
    this.#client ??= new SQSClient(localClientOptions(this.#url));
    return this.#client;
  }

  /** Calls `listener` for every object that is created or deleted. */
  onObjectChange(listener: (change: ObjectChange) => void): void {
    this.#worker?.on('message', (message: WorkerMessage) => {
      if (message.type === 'object') listener(message.change);
    });
  }

  /** Sends a message, unless the services stop meanwhile. */
  async sendMessage(queueName: string, body: string): Promise<void> {
    const command = new SendMessageCommand({ QueueUrl: this.queueUrl(queueName), MessageBody: body });
    await this.sqs.send(command).catch((error: unknown) => {
      if (!this.#isStopping) throw error;
    });
  }

  queueUrl(name: string): string {
    return `${this.#url}/${ACCOUNT_ID}/${name}`;
  }

  /**
   * Creates the model's missing resources. Existing queues keep their messages and get the template's attributes.
   * @throws TemplateError when the services refuse a resource.
   */
  async setup(model: ApplicationModel): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    const request: WorkerRequest = {
      type: 'setup',
      resources: {
        queues: model.queues,
        topics: model.topics.map((name) => ({ name })),
        subscriptions: model.subscriptions.map(({ topicArn, queueArn, attributes }) => ({
          topic: lastPart(topicArn),
          queue: lastPart(queueArn),
          attributes,
        })),
        buckets: model.buckets,
      },
    };
    worker.postMessage(request);
    const reply = await this.#reply(worker);
    if (reply.type === 'failed') throw new TemplateError(`Queues, topics and buckets: ${reply.reason}`);
    await Promise.all(model.queues.map(({ name, attributes }) => this.#setAttributes(name, attributes)));
  }

  /** Ends the thread after its data is on disk. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#client?.destroy();
    this.#worker?.postMessage({ type: 'stop' } satisfies WorkerRequest);
    await this.#exited;
  }

  async #setAttributes(name: string, attributes: Record<string, string>): Promise<void> {
    if (Object.keys(attributes).length === 0) return;
    const command = new SetQueueAttributesCommand({ QueueUrl: this.queueUrl(name), Attributes: attributes });
    await this.sqs.send(command).catch((error: unknown) => {
      throw new TemplateError(`The queue ${name}: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  /** The thread's next reply. @throws the error that ends the thread */
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
