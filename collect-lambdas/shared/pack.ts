/** The size of an item, or the limits of a pack. */
export interface Load {
  bytes: number;
  items: number;
}

/** Packs items in order, each pack within the limits. An item that exceeds the limits gets a pack of its own. */
export function pack<Item>(items: readonly Item[], most: Partial<Load>, loadOf: (item: Item) => Load): Item[][] {
  const { bytes: mostBytes = Infinity, items: mostItems = Infinity } = most;
  const packs: Item[][] = [];
  let bytes = Infinity;
  let count = Infinity;
  for (const item of items) {
    const load = loadOf(item);
    bytes += load.bytes;
    count += load.items;
    if (bytes > mostBytes || count > mostItems || packs.length === 0) {
      packs.push([]);
      bytes = load.bytes;
      count = load.items;
    }
    packs.at(-1)?.push(item);
  }
  return packs;
}

/** The size that an item adds to a JSON array. */
export function jsonLoad(item: unknown): Load {
  return { bytes: Buffer.byteLength(JSON.stringify(item)) + 1, items: 1 };
}
