/**
 * Does work for items, several at a time, and the items of a lane one after the other.
 *
 * @param limit how many lanes are worked on at the same time; asked before each lane
 * @param work returns false if the rest of the lane is left out
 * @param isStopped asked before each item; then no more work begins
 */
export async function workInLanes<Item>(
  lanes: readonly (readonly Item[])[],
  { limit, work, isStopped }: { limit: () => number; work: (item: Item) => Promise<boolean>; isStopped: () => boolean },
): Promise<void> {
  const waiting = lanes.values();
  const active = new Set<Promise<void>>();
  const runLane = async (lane: readonly Item[]): Promise<void> => {
    for (const item of lane) if (isStopped() || !(await work(item))) return;
  };
  for (const lane of waiting) {
    while (active.size >= limit()) await Promise.race(active);
    if (isStopped()) break;
    const running = runLane(lane).finally(() => active.delete(running));
    active.add(running);
  }
  await Promise.all(active);
}

/** The events of each response, and those of sheets, in their order. */
export function byResponse<Item extends { response_id: string | null }>(items: readonly Item[]): Item[][] {
  return [...Map.groupBy(items, (item) => item.response_id).values()];
}
