/** Counts the responses whose writers have finished sending, so that faults can wait for a count. */
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

  /** Ends every wait. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** Waits for a count. @returns false when the run ends first */
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
