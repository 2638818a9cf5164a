import { array, assert, nat, property } from 'fast-check';
import { pack } from './pack.ts';

const packBytes = (sizes: number[], most: { bytes?: number; items?: number }) =>
  pack(sizes, most, (bytes) => ({ bytes, items: 1 }));

describe('packs', () => {
  test('are as few as possible, in order and within the limits', () => {
    expect(packBytes([3, 3, 4, 1, 10], { bytes: 10 })).toEqual([[3, 3, 4], [1], [10]]);
    expect(packBytes([1, 1, 1, 1, 1], { items: 2 })).toEqual([[1, 1], [1, 1], [1]]);
    expect(packBytes([6, 1, 1, 5], { bytes: 10, items: 2 })).toEqual([
      [6, 1],
      [1, 5],
    ]);
  });

  test('are not made without items; without limits, one pack holds all items', () => {
    expect(packBytes([], { bytes: 10 })).toEqual([]);
    expect(packBytes([1, 2, 3], {})).toEqual([[1, 2, 3]]);
  });

  test('give an item that is too large a pack of its own', () => {
    expect(packBytes([1, 99, 1], { bytes: 10 })).toEqual([[1], [99], [1]]);
  });

  test('hold every item once, in order; only a single item may exceed the limits', () => {
    assert(
      property(array(nat(30)), nat(40), (sizes, most) => {
        const packs = packBytes(sizes, { bytes: most, items: 4 });
        expect(packs.flat()).toEqual(sizes);
        for (const each of packs) {
          const bytes = each.reduce((sum, size) => sum + size, 0);
          expect(each.length === 1 || (bytes <= most && each.length <= 4)).toBe(true);
        }
      }),
    );
  });
});
