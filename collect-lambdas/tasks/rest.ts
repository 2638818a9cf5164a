/** Shared by the routes of all collections. */
import { jsonResponse, pathParameter, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';

/** @throws {Problem} 404 if the id in the path is not a valid id */
export function readId(event: HttpEvent): number {
  const text = pathParameter(event, 'id');
  if (!/^[1-9]\d{0,14}$/.test(text)) throw unknownId();
  return Number(text);
}

export function unknownId(): Problem {
  return new Problem('not-found', { detail: 'There is no entry with this id; the list shows all entries.' });
}

/** One page of a list, with the total number of matches in a header. */
export function listResponse({ items, total }: { items: unknown[]; total: number }): HttpResponse {
  return jsonResponse(200, items, { 'x-total-count': String(total) });
}

/** @param path of the collection, such as `/api/v1/tasks` */
export function createdResponse(path: string, item: { id: number }): HttpResponse {
  return jsonResponse(201, item, { location: `${path}/${item.id}/` });
}

export const deletedResponse: HttpResponse = { statusCode: 204 };
