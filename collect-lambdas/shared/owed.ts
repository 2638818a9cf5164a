/**
 * Markers of pending work, as objects in S3. Work with a marker is done even if the function that began it dies: the
 * sweep lists the markers each minute (collect-lambdas/sweep/). Listing needs no query, so an idle database can pause.
 */
import * as z from 'zod';
import { SNAPSHOT_MARKERS } from '../../db-proxy-lambda/contract.ts';
import { traceOf, type Logger } from './logger.ts';
import type { ObjectStore } from './object-store.ts';

export const OWED = 'owed/';
/** Jobs that were requested (background-job.ts). The sweep queues them again if no worker runs them. */
export const EXPORT_MARKERS = `${OWED}exports/`;
export const REJUDGE_MARKERS = `${OWED}rejudges/`;

/** The snapshot may lack a change, and the sweep repairs it from the database. `id` names the change. */
export const snapshotMarker = (id: string): string => `${SNAPSHOT_MARKERS}${id}`;

/** A response and its files are being erased: see `erasureMarker`. The key ends in the hash of the response's id. */
export const ERASURE_MARKERS = `${OWED}erasure/`;
export const erasureMarker = z.object({ response_id: z.string() });

/** A webhook has deliveries. The sweep starts its worker when the next delivery is due. The key ends in the webhook's id. */
export const WEBHOOK_MARKERS = `${OWED}webhooks/`;
export const webhookMarker = z.object({ due_at: z.string() });

/** The publisher could not be triggered. The sweep triggers it. */
export const PUBLISH_MARKER = `${OWED}publish`;

/**
 * Leaves a marker.
 *
 * @param about ids for the log line of a failure
 * @param content what the sweep needs to know besides the key
 * @returns false if S3 did not accept the marker; the failure is logged
 */
export async function leaveMarker(
  store: Pick<ObjectStore, 'put'>,
  logger: Logger,
  key: string,
  about: Record<string, string> = {},
  content: Record<string, string> = {},
): Promise<boolean> {
  try {
    await store.put(key, JSON.stringify(content));
    return true;
  } catch (error) {
    logger.error('marker not left', { marker: key, ...about, ...traceOf(error) });
    return false;
  }
}
