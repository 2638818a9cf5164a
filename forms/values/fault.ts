/** A fault in a request's body: its place, and advice on what to send instead. */
export type Fault = {
  /** RFC 6901 JSON pointer into the value that was sent, e.g. `/questions/3/key`; `''` is the whole value. */
  readonly pointer: string;
  /** A sentence that says what to send instead. */
  readonly detail: string;
};

/** The RFC 6901 pointer of a path of keys and indexes: `~` is written `~0`, `/` is written `~1`. */
export function pointerTo(...path: readonly (string | number)[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The keys and indexes of a pointer: the reverse of {@link pointerTo}. */
export function stepsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}
