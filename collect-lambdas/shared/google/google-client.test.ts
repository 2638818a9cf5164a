import { FakeClock } from '../../../tests/support/exports.ts';
import { DbProxyError, type DbProxy } from '../db-proxy-client.ts';
import { retry, TransientError } from '../retry.ts';
import type { GoogleAccount } from './google-auth.ts';
import { createGoogleSheets, googleRetryPolicy } from './google-client.ts';

describe('the retries of a request to Google', () => {
  const attempt = (clock: FakeClock, work: () => Promise<string>) => retry(googleRetryPolicy(clock), work);

  /** Fails once with each of these errors, in order, then returns 'done'. */
  function failing(...failures: Error[]): () => Promise<string> {
    return () => {
      const failure = failures.shift();
      return failure === undefined ? Promise.resolve('done') : Promise.reject(failure);
    };
  }
  const transient = (retryAfterMs = 0) => new TransientError('Later.', { retryAfterMs });

  it('pause, and the pauses double', async () => {
    const clock = new FakeClock();

    const result = await attempt(clock, failing(transient(), transient(), transient()));

    expect(result).toBe('done');
    expect(clock.waits).toEqual([250, 500, 1_000]);
  });

  it('wait at least as long as Google asks', async () => {
    const clock = new FakeClock();

    await attempt(clock, failing(transient(7_000), transient(1)));

    expect(clock.waits).toEqual([7_000, 500]);
  });

  it('end after eight tries', async () => {
    const clock = new FakeClock();

    const end = attempt(clock, failing(...Array.from({ length: 9 }, () => transient())));

    await expect(end).rejects.toBeInstanceOf(TransientError);
    expect(clock.waits).toHaveLength(7);
  });

  it('end immediately if Google asks to wait longer than a worker can', async () => {
    const clock = new FakeClock();

    await expect(attempt(clock, failing(transient(3_600_000)))).rejects.toBeInstanceOf(TransientError);
    expect(clock.waits).toEqual([]);
  });

  it('do not happen after a permanent failure', async () => {
    const clock = new FakeClock();

    await expect(attempt(clock, failing(new Error('no')))).rejects.toThrow('no');
    expect(clock.waits).toEqual([]);
  });
});

describe('a call of the Sheets API', () => {
  it('fails after one try if the db-proxy hands out no permit', async () => {
    const clock = new FakeClock();
    let calls = 0;
    const busy: DbProxy = {
      call: () => {
        calls += 1;
        return Promise.reject(new DbProxyError('DATABASE_BUSY'));
      },
    };
    const account = { client: {}, email: 'account@example.org' } as GoogleAccount;
    const google = createGoogleSheets(account, busy, clock, () => Promise.resolve());

    await expect(google.read('a-spreadsheet')).rejects.toMatchObject({ code: 'DATABASE_BUSY' });

    expect(calls).toBe(1);
    expect(clock.waits).toEqual([]);
  });
});
