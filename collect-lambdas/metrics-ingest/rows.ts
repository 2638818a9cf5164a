/** Reads rows of the HungerMap API, from the API itself or from a saved file. Pure. */
import * as z from 'zod';
import type { Indicator } from '../../db-proxy-lambda/contract.ts';
import type { Fault } from '../../forms/values/fault.ts';
import { isJsonObject } from '../../forms/values/json.ts';
import { faultsOf } from '../shared/query.ts';
import { TransientError } from '../shared/retry.ts';

/** A metric may be missing from a row, be null, or lack one of its two values. */
const metric = z
  .object({ people: z.number().min(0).nullish(), prevalence: z.number().min(0).max(1).nullish() })
  .nullish();

const row = z.object({
  country: z.object({ iso3: z.string().regex(/^[A-Z]{3}$/), name: z.string().min(1).max(128).nullish() }),
  region: z.object({
    id: z.int().min(0).max(2_147_483_647),
    name: z.string().min(1).max(200),
    population: z.number().positive(),
  }),
  date: z.iso.date(),
  dataType: z
    .string()
    .regex(/^[A-Z][A-Z_ -]{0,31}$/)
    .default('UNKNOWN'),
  /** Other indicators are ignored. */
  metrics: z
    .object({
      fcs: metric,
      rcsi: metric,
      healthAccess: metric,
      marketAccess: metric,
      livelihoodCoping: metric,
    } satisfies Record<Indicator, typeof metric>)
    .nullish(),
});

export type HungerMapRow = z.infer<typeof row>;

/** Permanent failure of a source of rows. Its message is safe to log and to show to an operator. */
export class SourceError extends Error {
  override name = 'SourceError';
}

/** @returns an error that is transient for 429 and 5xx */
export function statusError(status: number, message: string, retryAfterMs = 0): SourceError | TransientError {
  return status === 429 || status >= 500 ? new TransientError(message, { retryAfterMs }) : new SourceError(message);
}

/** A row that cannot be used, and the reasons. */
export interface RejectedRow {
  /** Its position in the reply or the file, from 0. */
  index: number;
  errors: Fault[];
}

/**
 * The rows of a reply: `{"statusCode": "200", "body": [...]}`, or the bare list.
 *
 * @throws {SourceError} if it has another shape or another status
 * @throws {TransientError} if its status is 429 or 5xx
 */
export function readReply(reply: unknown): unknown[] {
  if (Array.isArray(reply)) return reply;
  if (!isJsonObject(reply)) throw new SourceError('The reply is neither a list of rows nor an object that holds one.');
  const { statusCode, body } = reply;
  const status = Number(statusCode ?? 200);
  if (status !== 200) {
    throw statusError(status, `The reply's status is ${Number.isNaN(status) ? 'not a number' : status}.`);
  }
  if (!Array.isArray(body)) throw new SourceError('The reply has no list of rows in its body.');
  return body;
}

/**
 * Reads rows one by one. A bad row does not affect the others.
 *
 * @param iso3 the requested country, if there is one; rows of other countries are rejected
 */
export function readRows(items: readonly unknown[], iso3?: string): { rows: HungerMapRow[]; rejected: RejectedRow[] } {
  const rows: HungerMapRow[] = [];
  const rejected: RejectedRow[] = [];
  for (const [index, item] of items.entries()) {
    const parsed = row.safeParse(item);
    if (!parsed.success) {
      rejected.push({ index, errors: faultsOf(parsed.error, []) });
    } else if (iso3 !== undefined && parsed.data.country.iso3 !== iso3) {
      rejected.push({ index, errors: [{ pointer: '/country/iso3', detail: `This is not ${iso3}.` }] });
    } else {
      rows.push(parsed.data);
    }
  }
  return { rows, rejected };
}
