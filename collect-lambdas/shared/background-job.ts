/**
 * Background jobs, such as exports. A request stores the job in the database and queues its id; a worker runs it. A
 * marker in S3 lets the sweep queue the job again if its message is lost or its worker dies.
 */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { annotate } from '@collect/tracing';
import * as z from 'zod';
import { jsonResponse, type HttpResponse } from './http.ts';
import { traceOf, type Logger } from './logger.ts';
import { EXPORT_MARKERS, REJUDGE_MARKERS } from './owed.ts';
import { unavailable } from './problem.ts';

/** A kind of job. */
export interface JobKind {
  /** Its name in messages and log lines. */
  name: string;
  /** The member of messages, log lines and replies that holds the id of a job. */
  idName: 'export_id' | 'rejudge_id';
  /** The prefix of the markers. */
  markers: string;
  /** The environment variable that holds the queue's URL. */
  queueVariable: string;
}

export const EXPORT: JobKind = {
  name: 'export',
  idName: 'export_id',
  markers: EXPORT_MARKERS,
  queueVariable: 'EXPORT_QUEUE_URL',
};

export const REJUDGE: JobKind = {
  name: 're-judge',
  idName: 'rejudge_id',
  markers: REJUDGE_MARKERS,
  queueVariable: 'REJUDGE_QUEUE_URL',
};

/** Queues the job with this id for the workers. */
export type QueueJob = (id: string) => Promise<void>;

/** The body of a message; the rest is in the database. */
export function jobMessage({ idName }: JobKind, id: string): string {
  return JSON.stringify({ [idName]: id });
}

/** @throws if the message does not name a job of this kind */
function readJobMessage({ idName }: JobKind, body: string): string {
  return z.uuid().parse(z.looseObject({}).parse(JSON.parse(body))[idName]);
}

interface StartDependencies {
  logger: Logger;
  leaveMarker: (key: string, about: Record<string, string>) => Promise<boolean>;
  enqueue: QueueJob;
}

/**
 * Starts a job, and replies 202 with the address of its progress.
 *
 * @param id of the job if it is new
 * @param store stores the job, or finds the job that is queued or running for the same request
 * @param addressOf the address that shows the progress of a job
 * @throws {Problem} 503 if S3 or the queue cannot be reached
 */
export async function startJob(
  { logger, leaveMarker, enqueue }: StartDependencies,
  { name, idName, markers }: JobKind,
  id: string,
  store: () => Promise<{ id: string; status: string }>,
  addressOf: (id: string) => string,
): Promise<HttpResponse> {
  // The marker comes first, so that the sweep finds the job if its message is lost.
  if (!(await leaveMarker(markers + id, { [idName]: id }))) {
    throw unavailable(`The ${name} is not stored; send the request again.`);
  }
  const stored = await store();
  // Send a message even if the job was queued before: that message may be lost, and a second message is harmless.
  if (stored.status === 'queued') {
    try {
      await enqueue(stored.id);
    } catch (error) {
      logger.error(`${name} not queued`, { [idName]: stored.id, ...traceOf(error) });
      throw unavailable(
        `The ${name} is stored and starts within minutes; send the request again to start it immediately.`,
      );
    }
  }
  const location = addressOf(stored.id);
  return jsonResponse(202, { [idName]: stored.id, status: stored.status, status_url: location }, { location });
}

/** Runs the jobs of a queue, one message at a time. If one is interrupted, its message stays in the queue. */
export async function runJobs(
  logger: Logger,
  kind: JobKind,
  { Records: records }: SQSEvent,
  run: (id: string) => Promise<void>,
): Promise<SQSBatchResponse> {
  const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
  for (const { messageId, body } of records) {
    let id: string | undefined;
    try {
      id = readJobMessage(kind, body);
      annotate({ [kind.idName]: id });
      await run(id);
    } catch (error) {
      logger.error(`${kind.name} interrupted`, { messageId, [kind.idName]: id, ...traceOf(error) });
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
}
