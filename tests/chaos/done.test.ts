import { Done } from './done.ts';

test('a wait ends when the count is reached', async () => {
  const told: number[] = [];
  const done = new Done((count) => told.push(count));
  const second = done.reaches(2);

  done.add();
  done.add();

  expect(await second).toBe(true);
  expect(await done.reaches(1)).toBe(true);
  expect(told).toEqual([1, 2]);
});

test('a wait for a count that is never reached ends with the run', async () => {
  const done = new Done(() => undefined);
  const third = done.reaches(3);

  done.end();

  expect(await third).toBe(false);
  expect(await done.reaches(0)).toBe(false);
});
