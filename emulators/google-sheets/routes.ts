/** Which method of the Sheets API a request calls: the part of https://developers.google.com/workspace/sheets/api/reference/rest that is spoken. */

export type Operation =
  | 'createSpreadsheet'
  | 'getSpreadsheet'
  | 'batchUpdate'
  | 'getValues'
  | 'updateValues'
  | 'clearValues'
  | 'batchGetValues'
  | 'batchUpdateValues'
  | 'batchClearValues';

export interface Route {
  operation: Operation;
  /** Which of the two quotas the request counts against. */
  kind: 'read' | 'write';
  spreadsheetId: string;
  /** Of the operations on one range. */
  range: string;
}

const ID = '(?<id>[^/:]+)';
const ROUTES: readonly [method: string, path: RegExp, operation: Operation][] = [
  ['POST', /^\/v4\/spreadsheets$/, 'createSpreadsheet'],
  ['GET', path(ID), 'getSpreadsheet'],
  ['POST', path(`${ID}:batchUpdate`), 'batchUpdate'],
  ['GET', path(`${ID}/values:batchGet`), 'batchGetValues'],
  ['POST', path(`${ID}/values:batchUpdate`), 'batchUpdateValues'],
  ['POST', path(`${ID}/values:batchClear`), 'batchClearValues'],
  ['GET', path(`${ID}/values/(?<range>[^/]+)`), 'getValues'],
  ['PUT', path(`${ID}/values/(?<range>[^/]+)`), 'updateValues'],
  ['POST', path(`${ID}/values/(?<range>[^/]+):clear`), 'clearValues'],
];

/**
 * @param rawPath as it came: a range's own `:` and `/` are percent-encoded and must not be taken for the path's.
 * @returns undefined for what is not spoken, `values.append` among it.
 */
export function findRoute(method: string, rawPath: string): Route | undefined {
  for (const [routeMethod, pattern, operation] of ROUTES) {
    const match = routeMethod === method ? pattern.exec(rawPath) : null;
    if (match === null) continue;
    try {
      return {
        operation,
        kind: method === 'GET' ? 'read' : 'write',
        spreadsheetId: decodeURIComponent(match.groups?.['id'] ?? ''),
        range: decodeURIComponent(match.groups?.['range'] ?? ''),
      };
    } catch {
      return undefined;
    }
  }
  return undefined;
}

function path(rest: string): RegExp {
  return new RegExp(`^/v4/spreadsheets/${rest}$`);
}
