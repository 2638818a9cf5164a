/** Ingests metrics: each day from the HungerMap API, from a file uploaded to S3, or from rows in the event. */
import * as z from 'zod';
import { DbProxyError } from '../shared/db-proxy-client.ts';
import { traceOf } from '../shared/logger.ts';
import { retry, TransientError } from '../shared/retry.ts';
import type { Dependencies } from './dependencies.ts';
import { fetchRows } from './hunger-map.ts';
import { readReply, readRows, SourceError, type RejectedRow } from './rows.ts';
import { ingestRetryPolicy, saveRows, type Saved } from './save-rows.ts';

/** The last days are fetched again each day, because the API revises them and a run may have failed. */
const DAYS = 30;
const MILLISECONDS_A_DAY = 86_400_000;

/** Maximum number of rejected rows listed in the result; `rejected` counts all of them. */
const MAX_REJECTED_LISTED = 20;

const scheduled = z.object({ 'detail-type': z.literal('Scheduled Event') });
const objectCreated = z.object({
  Records: z
    .array(
      z.object({ s3: z.object({ bucket: z.object({ name: z.string() }), object: z.object({ key: z.string() }) }) }),
    )
    .min(1),
});
const direct = z.object({ rows: z.array(z.unknown()) });
const ingestEvent = z.union([scheduled, objectCreated, direct]);

/** The outcome of one country or one file. `rows` counts all rows, `rejected` the unusable ones among them. */
export type Ingest = { from: string } & (
  ({ ok: true; rows: number; rejected: number; first_rejected: RejectedRow[] } & Saved) | { ok: false; reason: string }
);

interface Source {
  from: string;
  read: () => Promise<unknown[]>;
  iso3?: string;
}

/**
 * Ingests the sources one by one. If a source fails, the failure is logged and reported in the result, and the others
 * continue. If every source fails, the invocation fails, so that it is repeated and the function's alarm fires.
 */
export function createHandler(dependencies: Dependencies) {
  return async (event: unknown): Promise<{ ingests: Ingest[] }> => {
    const parsed = ingestEvent.safeParse(event);
    if (!parsed.success) throw new Error('Send a scheduled event, an S3 event, or {"rows": [...]}.');
    const ingests: Ingest[] = [];
    for (const source of sourcesOf(dependencies, parsed.data)) ingests.push(await ingest(dependencies, source));
    if (ingests.length > 0 && !ingests.some((each) => each.ok))
      throw new Error(`No source could be ingested. ${reasonsOf(ingests)}`);
    return { ingests };
  };
}

function sourcesOf(dependencies: Dependencies, event: z.infer<typeof ingestEvent>): Source[] {
  if ('rows' in event) return [{ from: 'rows', read: () => Promise.resolve(event.rows) }];
  if ('Records' in event)
    return event.Records.map(({ s3 }) => objectSource(dependencies, s3.bucket.name, s3.object.key));
  return dependencies.countries.map((iso3) => countrySource(dependencies, iso3));
}

function countrySource({ hungerMap, now, wait }: Dependencies, iso3: string): Source {
  const [from, to] = [dayOf(now() - (DAYS - 1) * MILLISECONDS_A_DAY), dayOf(now())];
  return {
    from: iso3,
    iso3,
    read: () => retry(ingestRetryPolicy(wait), () => fetchRows(hungerMap, iso3, { from, to })),
  };
}

/** @param encodedKey as S3 writes it in events: URL-encoded, a space as `+` */
function objectSource({ readObject }: Dependencies, bucket: string, encodedKey: string): Source {
  const key = decodeURIComponent(encodedKey.replaceAll('+', ' '));
  return { from: `s3://${bucket}/${key}`, read: async () => readReply(parse(await readObject(bucket, key))) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SourceError('The file is not JSON.');
  }
}

async function ingest(dependencies: Dependencies, { from, iso3, read }: Source): Promise<Ingest> {
  const { logger } = dependencies;
  try {
    const items = await read();
    const { rows, rejected } = readRows(items, iso3);
    const saved = await saveRows(dependencies, rows);
    const counts = { rows: items.length, rejected: rejected.length, ...saved };
    logger.info('metrics ingested', { from, ...counts });
    return { from, ok: true, ...counts, first_rejected: rejected.slice(0, MAX_REJECTED_LISTED) };
  } catch (error) {
    const isSafe = [SourceError, TransientError, DbProxyError].some((type) => error instanceof type);
    const reason = isSafe && Error.isError(error) ? error.message : 'It could not be read or saved; see the log.';
    logger.error('metrics not ingested', { from, reason, ...traceOf(error) });
    return { from, ok: false, reason };
  }
}

function reasonsOf(ingests: readonly Ingest[]): string {
  return ingests.map((each) => (each.ok ? '' : `${each.from}: ${each.reason}`)).join(' ');
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
