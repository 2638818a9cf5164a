import { Done } from './done.ts';

test('who waits for responses is woken when so many are done', async () => {
  const told: number[] = [];
  const done = new Done((count) => told.push(count));
  const second = done.reaches(2);

  done.add();
  done.add();

  expect(await second).toBe(true);
  expect(await done.reaches(1)).toBe(true);
  expect(told).toEqual([1, 2]);
});

test('who waits for more than there will be is told that it is over', async () => {
  const done = new Done(() => undefined);
  const third = done.reaches(3);

  done.end();

  expect(await third).toBe(false);
  expect(await done.reaches(0)).toBe(false);
});
