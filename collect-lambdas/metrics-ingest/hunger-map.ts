/** The HungerMap API: daily figures of a country's areas (https://api.hungermapdata.org). */
import { readAnswer } from './rows.ts';
import { SourceError } from './retry.ts';

export interface HungerMap {
  fetch: typeof fetch;
  /** Up to and with the version: `https://api.hungermapdata.org/v1`. */
  url: string;
  /** Sent as a bearer token when it is not empty. */
  token: string;
}

const TIME_LIMIT_MS = 20_000;

/**
 * Asks once for a country's rows; both days are included.
 *
 * @throws {SourceError} retryable for 429, 5xx, a broken connection or a body that is no JSON
 */
export async function fetchRows(
  { fetch, url, token }: HungerMap,
  iso3: string,
  { from, to }: { from: string; to: string },
): Promise<unknown[]> {
  const address = new URL(`${url.replace(/\/+$/, '')}/foodsecurity/country/${iso3}/region`);
  address.search = new URLSearchParams({ date_start: from, date_end: to }).toString();
  const response = await passing('could not be reached', () =>
    fetch(address, {
      headers: { accept: 'application/json', ...(token !== '' && { authorization: `Bearer ${token}` }) },
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    }),
  );
  if (!response.ok) {
    await response.body?.cancel();
    throw new SourceError(`The HungerMap API answered ${response.status} for ${iso3}.`, {
      retryable: response.status === 429 || response.status >= 500,
      retryAfterMs: Number(response.headers.get('retry-after') ?? 0) * 1_000 || 0,
    });
  }
  return readAnswer(await passing('did not answer with JSON', () => response.json()));
}

async function passing<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new SourceError(`The HungerMap API ${what}.`, { retryable: true, cause: error });
  }
}
