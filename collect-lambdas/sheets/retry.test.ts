import { FakeClock } from '../../tests/support/exports.ts';
import { Passing, withBackoff, withPauses } from './retry.ts';

describe('backoff', () => {
  /** Fails with each of these in turn, then gives 'done'. */
  function failing(...failures: Error[]): () => Promise<string> {
    return () => {
      const failure = failures.shift();
      return failure === undefined ? Promise.resolve('done') : Promise.reject(failure);
    };
  }
  const passing = (retryAfterMs?: number) => new Passing(retryAfterMs, undefined);

  it('tries again with pauses that double', async () => {
    const clock = new FakeClock();

    const result = await withBackoff(clock, failing(passing(), passing(), passing()));

    expect(result).toBe('done');
    expect(clock.waits).toEqual([250, 500, 1_000]);
  });

  it('waits at least as long as it was asked to', async () => {
    const clock = new FakeClock();

    await withBackoff(clock, failing(passing(7_000), passing(1)));

    expect(clock.waits).toEqual([7_000, 500]);
  });

  it('gives up after eight tries', async () => {
    const clock = new FakeClock();

    const end = withBackoff(clock, failing(...Array.from({ length: 9 }, () => passing())));

    await expect(end).rejects.toBeInstanceOf(Passing);
    expect(clock.waits).toHaveLength(7);
  });

  it('gives up at once when it is asked to wait for longer than a worker has', async () => {
    const clock = new FakeClock();

    await expect(withBackoff(clock, failing(passing(3_600_000)))).rejects.toBeInstanceOf(Passing);
    expect(clock.waits).toEqual([]);
  });

  it('does not repeat what will not pass', async () => {
    const clock = new FakeClock();

    await expect(withBackoff(clock, failing(new Error('no')))).rejects.toThrow('no');
    expect(clock.waits).toEqual([]);
  });
});

describe('a long wait', () => {
  it('comes in pieces, with something done after each', async () => {
    const clock = new FakeClock();
    let times = 0;
    const between = () => Promise.resolve(void (times += 1));

    await withPauses(clock, 10_000, between).wait(25_000);

    expect(clock.waits).toEqual([10_000, 10_000, 5_000]);
    expect(times).toBe(3);
  });

  it('ends when what is done between its pieces fails', async () => {
    const clock = new FakeClock();

    const wait = withPauses(clock, 10_000, () => Promise.reject(new Error('lost'))).wait(60_000);

    await expect(wait).rejects.toThrow('lost');
    expect(clock.waits).toEqual([10_000]);
  });
});
