import { setTimeout as wait } from 'node:timers/promises';
import { Lanes } from './lanes.ts';

/** Lanes of names such as `a1`, by their letter. Work takes a turn of the event loop. */
function makeLanes({ limit = 2, refused = [] as string[], stopAfter = Infinity } = {}) {
  const begun: string[] = [];
  const ended: string[] = [];
  let most = 0;
  const lanes = new Lanes<string>({
    laneOf: ([letter = '']) => letter,
    limit: () => limit,
    isStopped: () => begun.length >= stopAfter,
    work: async (item) => {
      begun.push(item);
      most = Math.max(most, begun.length - ended.length);
      await wait(1);
      ended.push(item);
      return !refused.includes(item);
    },
  });
  return { lanes, begun, ended, mostAtATime: () => most };
}

test('items of a lane follow each other, and lanes are worked on at the same time, up to the limit', async () => {
  const { lanes, begun, ended, mostAtATime } = makeLanes();

  lanes.add(['a1', 'a2', 'b1', 'c1', 'a3']);
  await lanes.untilLeft(0);

  expect(ended.filter((item) => item.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
  expect(begun.slice(0, 2)).toEqual(['a1', 'b1']);
  expect(ended.toSorted()).toEqual(['a1', 'a2', 'a3', 'b1', 'c1']);
  expect(mostAtATime()).toBe(2);
});

test('an item that is added while its lane is worked on follows the earlier ones', async () => {
  const { lanes, begun, mostAtATime } = makeLanes();

  lanes.add(['a1', 'a2']);
  lanes.add(['a3', 'a4']);
  await lanes.untilLeft(0);

  expect(begun).toEqual(['a1', 'a2', 'a3', 'a4']);
  expect(mostAtATime()).toBe(1);
});

test('after a refusal the rest of the lane is left out, and the other lanes continue', async () => {
  const { lanes, ended } = makeLanes({ refused: ['a1'] });

  lanes.add(['a1', 'a2', 'b1', 'b2']);
  await lanes.untilLeft(0);

  expect(ended.toSorted()).toEqual(['a1', 'b1', 'b2']);
});

test('once stopped, work in flight ends and no other work begins', async () => {
  const { lanes, ended } = makeLanes({ stopAfter: 2 });

  lanes.add(['a1', 'b1', 'c1', 'a2']);
  await lanes.untilLeft(0);
  lanes.add(['d1']);
  await lanes.untilLeft(0);

  expect(ended).toEqual(['a1', 'b1']);
});
