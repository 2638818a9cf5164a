/** A signal that aborts after `milliseconds`, or when the caller's own signal aborts. */
export function withTimeLimit(milliseconds: number, signal?: AbortSignal): AbortSignal {
  const limit = AbortSignal.timeout(milliseconds);
  return signal === undefined ? limit : AbortSignal.any([signal, limit]);
}
