import { FakeClock } from '../../../tests/support/exports.ts';
import { withPauses } from './clock.ts';

describe('a long wait', () => {
  it('is split into pieces, with a call after each', async () => {
    const clock = new FakeClock();
    let times = 0;
    const between = () => Promise.resolve(void (times += 1));

    await withPauses(clock, 10_000, between).wait(25_000);

    expect(clock.waits).toEqual([10_000, 10_000, 5_000]);
    expect(times).toBe(3);
  });

  it('ends when a call between the pieces fails', async () => {
    const clock = new FakeClock();

    const wait = withPauses(clock, 10_000, () => Promise.reject(new Error('lost'))).wait(60_000);

    await expect(wait).rejects.toThrow('lost');
    expect(clock.waits).toEqual([10_000]);
  });
});
