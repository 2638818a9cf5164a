import { retry, TransientError, type RetryPolicy } from './retry.ts';

describe('retry', () => {
  let waits: number[];
  let tried: number;
  beforeEach(() => {
    waits = [];
    tried = 0;
  });

  const policy = (changes: Partial<RetryPolicy> = {}): RetryPolicy => ({
    tries: 3,
    isRepeatable: (error) => error instanceof TransientError,
    pauseMs: (attempt, retryAfterMs) => 100 * attempt + retryAfterMs,
    wait: (milliseconds) => Promise.resolve(waits.push(milliseconds)),
    ...changes,
  });

  /** Fails with these errors in order, then returns 'done'. */
  const failing =
    (...errors: Error[]) =>
    (): Promise<string> => {
      const error = errors[tried];
      tried += 1;
      return error === undefined ? Promise.resolve('done') : Promise.reject(error);
    };

  it('repeats transient failures after the pauses of the policy', async () => {
    const work = failing(new TransientError('1'), new TransientError('2', { retryAfterMs: 7 }));

    expect(await retry(policy(), work)).toBe('done');

    expect(waits).toEqual([100, 207]);
  });

  it('throws the last failure when the tries are used up', async () => {
    const last = new TransientError('3');

    await expect(retry(policy(), failing(new TransientError('1'), new TransientError('2'), last))).rejects.toBe(last);

    expect(tried).toBe(3);
  });

  it('throws a failure that the policy does not repeat', async () => {
    const error = new Error('for good');

    await expect(retry(policy(), failing(error))).rejects.toBe(error);

    expect(tried).toBe(1);
  });

  it('gives up when the policy names no pause', async () => {
    const error = new TransientError('1', { retryAfterMs: 3_600_000 });

    await expect(retry(policy({ pauseMs: () => undefined }), failing(error))).rejects.toBe(error);

    expect(waits).toEqual([]);
  });
});

test('a TransientError logs under its own name', () => {
  expect(new TransientError('Later.').name).toBe('TransientError');
});
