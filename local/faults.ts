/** Failures of Lambda's Invoke API that tests switch on. */

export type FaultKind =
  /** 429 TooManyRequestsException; the function does not run. */
  | 'throttle'
  /** 500 ServiceException; the function does not run. */
  | 'unavailable'
  /** The connection closes before the function runs. */
  | 'drop-request'
  /** The function runs, then the connection closes in the middle of the reply. */
  | 'drop-reply'
  /** The call takes `milliseconds` longer. */
  | 'delay';

export interface Fault {
  kind: FaultKind;
  /** How many of the next invocations fail. */
  times: number;
  milliseconds?: number;
}

export class Faults {
  readonly #faults = new Map<string, Fault[]>();

  /** Adds a fault. A function's faults happen in the order in which they were added. */
  inject(functionName: string, fault: Fault): void {
    this.#faults.set(functionName, [...(this.#faults.get(functionName) ?? []), { ...fault }]);
  }

  /** Ends all faults. */
  clear(): void {
    this.#faults.clear();
  }

  /** The fault of this invocation, if any. */
  take(functionName: string): Fault | undefined {
    const faults = this.#faults.get(functionName);
    const [fault] = faults ?? [];
    if (faults === undefined || fault === undefined) return undefined;
    fault.times -= 1;
    if (fault.times <= 0) faults.shift();
    return fault;
  }
}
