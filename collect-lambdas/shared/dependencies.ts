/** The dependencies that several functions share. A function's bundle contains only those that it uses. */
import { randomUUID } from 'node:crypto';
import { createBackOff, type BackOff } from './backoff.ts';
import { jobMessage, type JobKind, type QueueJob } from './background-job.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { createDbProxyClient, WORKER_MS, type DbProxy } from './db-proxy-client.ts';
import { createDeadLetter, type DeadLetter } from './dead-letter.ts';
import type { Bound, Environment } from './environment.ts';
import type { Logger } from './logger.ts';
import { createMessageQueue, createPostponer } from './message-queue.ts';
import { createFileStore, type FileStore } from './file-store.ts';
import { createObjectStore, READING, type ObjectStore } from './object-store.ts';
import { leaveMarker, PUBLISH_MARKER } from './owed.ts';
import { createTrigger, type TriggerPublish } from './publish-trigger.ts';
import { createChangeRecorder, type RecordChange } from './snapshot-changes.ts';
import { createSnapshot, type Snapshot } from './snapshot.ts';

/** For a function that a caller waits for. */
export function dbProxyFrom(environment: Environment): DbProxy {
  return createDbProxyClient(environment.text('DB_PROXY_FUNCTION'));
}

/** For a function that no caller waits for. */
export function workerDbProxyFrom(environment: Environment): DbProxy {
  return createDbProxyClient(environment.text('DB_PROXY_FUNCTION'), WORKER_MS);
}

/** For a function that also works without the database. */
export function guardedDbProxyFrom(environment: Environment): DbProxy {
  return createCircuitBreaker(dbProxyFrom(environment));
}

export function snapshotStoreFrom(environment: Environment): ObjectStore {
  return createObjectStore(environment.text('SNAPSHOT_BUCKET'), environment.variables);
}

/** The bucket of uploaded forms, submissions and attachments. */
export function fileStoreFrom(environment: Environment): FileStore {
  return createFileStore(environment.text('FILES_BUCKET'), environment.variables);
}

export function snapshotFrom(environment: Environment): Snapshot {
  return createSnapshot(createObjectStore(environment.text('SNAPSHOT_BUCKET'), environment.variables, READING));
}

function changeRecorderFrom(environment: Environment, logger: Logger): RecordChange {
  return createChangeRecorder(snapshotStoreFrom(environment), logger, randomUUID);
}

/** Triggers the publisher within short time limits, because the field app waits meanwhile. */
export function publishTriggerFrom(environment: Environment, logger: Logger): TriggerPublish {
  const send = createMessageQueue(environment.text('PUBLISH_QUEUE_URL'), 1_500);
  const store = createObjectStore(environment.text('SNAPSHOT_BUCKET'), environment.variables, { tries: 2, tryMs: 500 });
  return createTrigger({
    logger,
    send: () => send('{}'),
    mark: () => leaveMarker(store, logger, PUBLISH_MARKER),
    now: Date.now,
  });
}

/** @param variable holds the queue's URL */
export const queueFrom = (environment: Environment, variable: string) => createMessageQueue(environment.text(variable));

/** Queues jobs of a kind for the workers. */
export function jobQueueFrom(environment: Environment, kind: JobKind): QueueJob {
  const send = queueFrom(environment, kind.queueVariable);
  return (id) => send(jobMessage(kind, id));
}

/** @param variable holds the URL of the function's own queue */
export function backOffFrom(environment: Environment, variable: string, logger: Logger): BackOff {
  return createBackOff(createPostponer(environment.text(variable)), logger);
}

/** @param variable holds the URL of the dead-letter queue */
export function deadLetterFrom(environment: Environment, variable: string, logger: Logger): DeadLetter {
  return createDeadLetter(queueFrom(environment, variable), logger);
}

/** The dependencies of a function that needs only the proxy. */
export const proxyAlone = (environment: Environment) => ({ dbProxy: dbProxyFrom(environment) });

export type ProxyAlone = Bound<typeof proxyAlone>;

/** The dependencies of a function that changes forms or tokens, in the database and in the snapshot. */
export const proxyAndRecorder = (environment: Environment, logger: Logger) => ({
  dbProxy: dbProxyFrom(environment),
  recordChange: changeRecorderFrom(environment, logger),
  /** Milliseconds since 1970. */
  now: Date.now,
});

export type ProxyAndRecorder = Bound<typeof proxyAndRecorder>;
