import { randomUUID } from 'node:crypto';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import * as z from 'zod';
import { createDbProxyClient, type DbProxy } from '../shared/db-proxy-client.ts';
import { readEnvironment } from '../shared/env.ts';
import type { ExportMessage } from '../shared/export-message.ts';
import { createExportQueue } from '../shared/export-queue.ts';
import { createLogger, type Logger } from '../shared/logger.ts';
import { createObjectStore } from '../shared/object-store.ts';
import { leaveMarker } from '../shared/owed.ts';

/** How long a link to a CSV opens it. */
const LINK_SECONDS = 3_600;

export interface Dependencies {
  dbProxy: DbProxy;
  logger: Logger;
  /** Hands an export to the workers. */
  enqueue: (message: ExportMessage) => Promise<void>;
  /** Leaves a marker of what is owed. */
  leaveMarker: (key: string) => Promise<void>;
  /** A link to an object that opens without credentials for an hour. */
  linkTo: (bucket: string, key: string) => Promise<string>;
  /** Where exports go when neither the request nor the form names a spreadsheet; '' for nowhere. */
  defaultSpreadsheetId: string;
  newId: () => string;
}

/** The real ones. @throws {Error} that names every environment variable that is missing. */
export function createDependencies(environment: NodeJS.ProcessEnv): Dependencies {
  const { DB_PROXY_FUNCTION, SNAPSHOT_BUCKET, EXPORT_QUEUE_URL, DEFAULT_SPREADSHEET_ID } = readEnvironment(
    {
      DB_PROXY_FUNCTION: z.string().min(1),
      SNAPSHOT_BUCKET: z.string().min(1),
      EXPORT_QUEUE_URL: z.string().min(1),
      DEFAULT_SPREADSHEET_ID: z.string().default(''),
    },
    environment,
  );
  // It signs addresses and calls nothing, so there is nothing to trace.
  const s3 = new S3Client();
  const store = createObjectStore(SNAPSHOT_BUCKET, environment);
  return {
    dbProxy: createDbProxyClient(DB_PROXY_FUNCTION),
    logger: createLogger('exports'),
    enqueue: createExportQueue(EXPORT_QUEUE_URL),
    leaveMarker: (key) => leaveMarker(store, key),
    linkTo: (bucket, key) =>
      getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: LINK_SECONDS }),
    defaultSpreadsheetId: DEFAULT_SPREADSHEET_ID,
    newId: randomUUID,
  };
}
