/** Whether `If-None-Match` matches the ETag (RFC 9110, 13.1.2: weak comparison, a list, or `*`). */
export function isCached(ifNoneMatch: string | undefined, etag: string): boolean {
  const candidates = (ifNoneMatch ?? '').split(',').map((each) => opaque(each.trim()));
  return candidates.includes('*') || candidates.includes(opaque(etag));
}

function opaque(etag: string): string {
  return etag.replace(/^W\//, '');
}
