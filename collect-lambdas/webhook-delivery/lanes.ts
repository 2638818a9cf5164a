interface LaneWork<Item> {
  /** The lane of an item. */
  laneOf: (item: Item) => string | null;
  /** How many lanes are worked on at the same time; asked before each lane. */
  limit: () => number;
  /** Returns false to leave out the other items of the lane. Never throws. */
  work: (item: Item) => Promise<boolean>;
  /** Asked before each item. Once it returns true, no more work begins. */
  isStopped: () => boolean;
}

/** Works on items in lanes: on several lanes at a time, and on the items of a lane one after the other, as they were added. */
export class Lanes<Item> {
  readonly #asked: LaneWork<Item>;
  /** The items of lanes that nobody works on. */
  readonly #waiting = new Map<string | null, Item[]>();
  readonly #active = new Map<string | null, { items: Item[]; ended: Promise<void> }>();
  #left = 0;

  constructor(asked: LaneWork<Item>) {
    this.#asked = asked;
  }

  add(items: readonly Item[]): void {
    for (const item of items) {
      const name = this.#asked.laneOf(item);
      const lane = this.#active.get(name)?.items ?? this.#waiting.get(name);
      if (lane === undefined) this.#waiting.set(name, [item]);
      else lane.push(item);
    }
    this.#left += items.length;
    this.#startLanes();
  }

  /** Waits until this many items are left, or until no work is under way because it is stopped. */
  async untilLeft(count: number): Promise<void> {
    while (this.#left > count && this.#active.size > 0) {
      await Promise.race(Array.from(this.#active.values(), ({ ended }) => ended));
    }
  }

  #startLanes(): void {
    const { limit, isStopped } = this.#asked;
    for (const [name, items] of this.#waiting) {
      if (this.#active.size >= limit() || isStopped()) return;
      this.#waiting.delete(name);
      this.#active.set(name, { items, ended: this.#workOn(name, items) });
    }
  }

  async #workOn(name: string | null, items: Item[]): Promise<void> {
    const { work, isStopped } = this.#asked;
    for (let item = items.shift(); item !== undefined; item = isStopped() ? undefined : items.shift()) {
      const goesOn = await work(item);
      this.#left -= goesOn ? 1 : 1 + items.length;
      if (!goesOn) items.length = 0;
    }
    this.#active.delete(name);
    this.#startLanes();
  }
}
