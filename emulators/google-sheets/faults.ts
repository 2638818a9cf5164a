/** A bad day at Google, on request: failures that tests and people switch on. */
import * as z from 'zod';

const statusSchema = z.union([z.literal(429), z.literal(500), z.literal(502), z.literal(503)]);

export const faultSchema = z
  .strictObject({
    /** Every n-th request, counted from now on; 1 is each of them. */
    every: z.int().min(1).optional(),
    /** The next n requests, then no more. With `every`: no more than n failures. */
    next: z.int().min(1).optional(),
    /** Which requests count; API reads and writes when left out. */
    on: z.enum(['read', 'write', 'token']).optional(),
    /** Answered instead of doing what was asked; of several, each in turn. */
    status: z.union([statusSchema, z.array(statusSchema).min(1)]).optional(),
    /** Seconds, sent as Retry-After. */
    retryAfter: z.number().min(0).optional(),
    /** The connection ends: 'before' anything was done, or 'after' all was, without an answer. */
    drop: z.enum(['before', 'after']).optional(),
    /** The request waits this long first. */
    delayMilliseconds: z.number().min(0).max(600_000).optional(),
  })
  .refine(({ every, next }) => every !== undefined || next !== undefined, 'Say how often: every or next.')
  .refine(
    ({ status, drop, delayMilliseconds }) => (status ?? drop ?? delayMilliseconds) !== undefined,
    'Say what fails: status, drop or delayMilliseconds.',
  );

export type Fault = z.input<typeof faultSchema>;

/** What befalls one request. */
export interface Failure {
  status?: number;
  retryAfter?: number;
  drop?: 'before' | 'after';
  delayMilliseconds?: number;
}

interface ActiveFault {
  fault: Fault;
  seen: number;
  failed: number;
}

export class Faults {
  #active: ActiveFault[] = [];

  /**
   * Adds a fault; of several that befall one request, the first added does.
   * @throws ZodError when it is not a fault.
   */
  fail(fault: Fault): void {
    this.#active.push({ fault: faultSchema.parse(fault), seen: 0, failed: 0 });
  }

  /** Ends all faults. */
  clear(): void {
    this.#active = [];
  }

  get active(): Fault[] {
    return this.#active.map(({ fault }) => fault);
  }

  /** Counts a request, and says what befalls it. */
  take(kind: 'read' | 'write' | 'token'): Failure | undefined {
    const concerned = this.#active.filter(
      ({ fault }) => fault.on === kind || (fault.on === undefined && kind !== 'token'),
    );
    for (const each of concerned) each.seen += 1;
    const due = concerned.find(
      ({ fault, seen, failed }) => seen % (fault.every ?? 1) === 0 && failed < (fault.next ?? Infinity),
    );
    if (due === undefined) return undefined;
    const failure = failureOf(due);
    due.failed += 1;
    this.#active = this.#active.filter(({ fault, failed }) => failed < (fault.next ?? Infinity));
    return failure;
  }
}

function failureOf({ fault, failed }: ActiveFault): Failure {
  const statuses = fault.status === undefined ? [] : [fault.status].flat();
  const status = statuses[failed % Math.max(1, statuses.length)];
  return {
    ...(status !== undefined && { status }),
    ...(fault.retryAfter !== undefined && { retryAfter: fault.retryAfter }),
    ...(fault.drop !== undefined && { drop: fault.drop }),
    ...(fault.delayMilliseconds !== undefined && { delayMilliseconds: fault.delayMilliseconds }),
  };
}
