/** What every collection's routes have in common. */
import { jsonResponse, pathParameter, type HttpEvent, type HttpResponse, type Route } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';

/** The longest description fits several times over. */
export const MAX_BODY_BYTES = 64_000;

/** API Gateway takes `/tasks` and `/tasks/` for different routes; callers should not have to. */
export function inBothSpellings(routes: Record<string, Route>): Record<string, Route> {
  return Object.fromEntries(
    Object.entries(routes).flatMap(([key, route]) => [
      [key, route],
      [`${key}/`, route],
    ]),
  );
}

/** @throws {Problem} 404 when the address holds no number that could be an id */
export function readId(event: HttpEvent): number {
  const text = pathParameter(event, 'id');
  if (!/^[1-9]\d{0,14}$/.test(text)) throw unknownId();
  return Number(text);
}

export function unknownId(): Problem {
  return new Problem('not-found', { detail: 'There is nothing with this id; the list says what there is.' });
}

/** A window of a list: the items alone, and how many there are in all in a header. */
export function listResponse({ items, total }: { items: unknown[]; total: number }): HttpResponse {
  return jsonResponse(200, items, { 'x-total-count': String(total) });
}

/** @param path of the collection, such as `/api/v1/tasks` */
export function createdResponse(path: string, item: { id: number }): HttpResponse {
  return jsonResponse(201, item, { location: `${path}/${item.id}/` });
}

export const deletedResponse: HttpResponse = { statusCode: 204 };
