/**
 * Does a piece of work for each item, for `size` items at the same time.
 *
 * @returns the results in the order of the items
 * @throws the first error; work in flight continues, and no further work begins
 */
export async function inGroups<T, R>(size: number, items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += size) {
    results.push(...(await Promise.all(items.slice(start, start + size).map(work))));
  }
  return results;
}
