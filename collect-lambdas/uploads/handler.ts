/** Adds uploaded files to their responses. S3 notifies a queue of each upload. */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import { isTransient } from '../shared/db-proxy-client.ts';
import { reasonOf } from '../shared/dead-letter.ts';
import { sha256OfUpload } from '../shared/attachment-keys.ts';
import { typeOfFile } from '../shared/file-type.ts';
import { traceOf } from '../shared/logger.ts';
import { ObjectStoreError } from '../shared/object-store.ts';
import { readThrough } from '../shared/read-through.ts';
import { handleOneByOne, type Handled } from '../shared/one-by-one.ts';
import type { Dependencies } from './dependencies.ts';

const notification = z.union([
  z.object({ Records: z.array(z.object({ s3: z.object({ object: z.object({ key: z.string() }) }) })) }),
  // S3 sends this once, when the notifications are set up.
  z.object({ Event: z.literal('s3:TestEvent') }).transform(() => ({ Records: [] })),
]);

/**
 * Adds the file of each notification. Messages that are not notifications, and those that the db-proxy refuses, go to the
 * dead-letter queue with the reason.
 */
export function createHandler(dependencies: Dependencies) {
  return (event: SQSEvent): Promise<SQSBatchResponse> =>
    handleOneByOne(event, dependencies.backOff, (record) => receive(dependencies, record));
}

async function receive(dependencies: Dependencies, { messageId, body }: SQSRecord): Promise<Handled> {
  const { deadLetter, logger } = dependencies;
  try {
    for (const { s3 } of notification.parse(JSON.parse(body)).Records) {
      await addFile(dependencies, decodeURIComponent(s3.object.key.replaceAll('+', ' ')));
    }
    return 'done';
  } catch (error) {
    logger.error('upload not added', { messageId, ...traceOf(error) });
    if (isTransient(error) || error instanceof ObjectStoreError) return 'transient';
    const reason = reasonOf(error, 'It is not a notification of an upload.');
    return (await deadLetter(messageId, [body], reason)) ? 'done' : 'stays';
  }
}

/**
 * Adds a file to its response. Removes the file if its content is not the announced one (S3 refuses such uploads too), or if
 * its response was erased after the upload was announced.
 */
async function addFile({ dbProxy, files, logger }: Dependencies, key: string): Promise<void> {
  const expected = sha256OfUpload(key);
  const content = await readThrough(files, key);
  // The file was removed meanwhile.
  if (content === undefined) return;
  if (content.sha256 !== expected) {
    await files.remove(key);
    logger.error('upload removed', { object_key: key, reason: 'its content has another hash than announced' });
    return;
  }
  const { outcome } = await dbProxy.call('receiveUpload', { object_key: key, type: typeOfFile(content.start) });
  if (outcome === 'added') return;
  await files.remove(key);
  logger.warn('upload removed', { object_key: key, reason: `its response is ${outcome}` });
}
