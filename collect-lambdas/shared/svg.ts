import type { HttpResponse } from './http.ts';

/** A reply with an SVG. In a tab of its own an SVG can run scripts and load files; the policy makes browsers refuse both. */
export function svgResponse(body: string, headers: Record<string, string> = {}): HttpResponse {
  return {
    statusCode: 200,
    headers: {
      'content-type': 'image/svg+xml; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    body,
  };
}

/** A position with one decimal, as d3-shape writes them. */
export function pixels(position: number): number {
  return Math.round(position * 10) / 10;
}
