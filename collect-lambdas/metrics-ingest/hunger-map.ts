/** The HungerMap API: daily figures of a country's areas (https://api.hungermapdata.org). */
import { TransientError } from '../shared/retry.ts';
import { readReply, statusError } from './rows.ts';

export interface HungerMap {
  /** The base URL including the version: `https://api.hungermapdata.org/v1`. */
  url: string;
  /** Sent as a bearer token when it is not empty. */
  token: string;
}

const TIME_LIMIT_MS = 20_000;

/**
 * Requests a country's rows from the day `from` to the day `to`, both included. Does not retry.
 *
 * @throws {TransientError} for 429, 5xx, a broken connection or a body that is not JSON
 * @throws {SourceError} for another status or a body without rows
 */
export async function fetchRows(
  { url, token }: HungerMap,
  iso3: string,
  { from, to }: { from: string; to: string },
): Promise<unknown[]> {
  const address = new URL(`${url.replace(/\/+$/, '')}/foodsecurity/country/${iso3}/region`);
  address.search = new URLSearchParams({ date_start: from, date_end: to }).toString();
  const response = await transient('could not be reached', () =>
    fetch(address, {
      headers: { accept: 'application/json', ...(token !== '' && { authorization: `Bearer ${token}` }) },
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    }),
  );
  if (!response.ok) {
    await response.body?.cancel();
    const retryAfterMs = Number(response.headers.get('retry-after') ?? 0) * 1_000 || 0;
    throw statusError(response.status, `The HungerMap API answered ${response.status} for ${iso3}.`, retryAfterMs);
  }
  return readReply(await transient('did not answer with JSON', () => response.json()));
}

async function transient<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new TransientError(`The HungerMap API ${what}.`, { cause: error });
  }
}
