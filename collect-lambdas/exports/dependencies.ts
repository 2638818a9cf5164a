import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import * as z from 'zod';
import { EXPORT } from '../shared/background-job.ts';
import { dbProxyFrom, jobQueueFrom, snapshotStoreFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import type { Logger } from '../shared/logger.ts';
import { liveSheetTriggerFrom } from '../shared/live-sheet-trigger.ts';
import { leaveMarker } from '../shared/owed.ts';

/** Lifetime of a link to a file. */
const LINK_SECONDS = 3_600;

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment, logger: Logger) {
  // Not traced: it only signs links, and sends no requests.
  const s3 = new S3Client();
  const store = snapshotStoreFrom(environment);
  return {
    dbProxy: dbProxyFrom(environment),
    enqueue: jobQueueFrom(environment, EXPORT),
    triggerLiveSheets: liveSheetTriggerFrom(environment, logger),
    leaveMarker: (key: string, about: Record<string, string>) => leaveMarker(store, logger, key, about),
    /** A link that downloads an object without credentials, for an hour. */
    linkTo: (bucket: string, key: string) =>
      getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: LINK_SECONDS }),
    /** The spreadsheet for exports if neither the request nor the form names one; '' if there is none. */
    defaultSpreadsheetId: environment.optional('DEFAULT_SPREADSHEET_ID', z.string(), ''),
  };
}
