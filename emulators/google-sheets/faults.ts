/** Failures that tests switch on. */

/** API reads, API writes and sign-ins. */
export type RequestKind = 'read' | 'write' | 'token';

/** `every` or `next` says which requests fail; `status`, `drop` or `delayMilliseconds` says how. */
export interface Fault {
  /** Every n-th request, counted from now on. */
  every?: number;
  /** The next n requests. With `every`: at most n failures. */
  next?: number;
  /** Which requests count; API reads and writes by default. */
  on?: RequestKind;
  /** The reply's status; the statuses of a list are used in rotation. */
  status?: number | readonly number[];
  /** Seconds, sent as Retry-After. */
  retryAfter?: number;
  /** Closes the connection without a reply: before the request is carried out, or after. */
  drop?: 'before' | 'after';
  /** How long the request waits before it is carried out. */
  delayMilliseconds?: number;
}

/** What happens to one request. */
export type Failure = Pick<Fault, 'retryAfter' | 'drop' | 'delayMilliseconds'> & { status?: number | undefined };

export class Faults {
  #active: { fault: Fault; seen: number; failed: number }[] = [];

  /** Adds a fault. If several apply to a request, the oldest one is used. */
  fail(fault: Fault): void {
    this.#active.push({ fault, seen: 0, failed: 0 });
  }

  /** Ends all faults. */
  clear(): void {
    this.#active = [];
  }

  /** Counts a request. @returns its failure, if one is due */
  take(kind: RequestKind): Failure | undefined {
    const concerned = this.#active.filter(({ fault }) =>
      fault.on === undefined ? kind !== 'token' : fault.on === kind,
    );
    for (const each of concerned) each.seen += 1;
    const due = concerned.find(
      ({ fault: { every = 1, next = Infinity }, seen, failed }) => seen % every === 0 && failed < next,
    );
    if (due === undefined) return undefined;
    const statuses = due.fault.status === undefined ? [] : [due.fault.status].flat();
    const status = statuses[due.failed % Math.max(1, statuses.length)];
    due.failed += 1;
    return { ...due.fault, status };
  }
}
