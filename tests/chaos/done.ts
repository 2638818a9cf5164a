/** How many responses are done; faults wait for it. */
export class Done {
  count = 0;
  #isOver = false;
  readonly #waiting = new Set<{ at: number; wake: () => void }>();
  readonly #tell: (count: number) => void;

  constructor(tell: (count: number) => void) {
    this.#tell = tell;
  }

  add(): void {
    this.count += 1;
    this.#tell(this.count);
    this.#wake();
  }

  /** Nothing more will be done. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** @returns whether there is still something to do then */
  async reaches(at: number): Promise<boolean> {
    if (this.count < at && !this.#isOver) {
      await new Promise<void>((wake) => this.#waiting.add({ at, wake }));
    }
    return !this.#isOver;
  }

  #wake(): void {
    for (const waiter of this.#waiting) {
      if (this.count < waiter.at && !this.#isOver) continue;
      this.#waiting.delete(waiter);
      waiter.wake();
    }
  }
}
