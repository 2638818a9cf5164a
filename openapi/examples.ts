/** Reads the requests in events/ as examples, each named after its file. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpEvent } from '../collect-lambdas/shared/http.ts';
import { isRecord } from '../local/template/values.ts';

export interface EventExample {
  /** `collect/accepted` */
  file: string;
  /** `accepted` */
  name: string;
  /** Whether the file's name says that the request is refused. */
  refused: boolean;
  event: HttpEvent;
}

/** Matches the names of files whose requests are refused. */
const REFUSED = /invalid|unknown|not-json|other-content-type|beyond|^bad-/;

/**
 * Every HTTP event in the subfolders of a folder. Other events (queues, schedules) have no route and are left out.
 *
 * @param folder such as `events`
 */
export function readEventExamples(folder: string): EventExample[] {
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders
    .flatMap(({ name: of }) => readdirSync(join(folder, of)).map((file) => ({ of, name: file.replace(/\.json$/, '') })))
    .toSorted((one, other) => `${one.of}/${one.name}`.localeCompare(`${other.of}/${other.name}`, 'en'))
    .flatMap(({ of, name }) => {
      const event: unknown = JSON.parse(readFileSync(join(folder, of, `${name}.json`), 'utf8'));
      return isHttpEvent(event) ? [{ file: `${of}/${name}`, name, refused: REFUSED.test(name), event }] : [];
    });
}

function isHttpEvent(event: unknown): event is HttpEvent {
  // Events of the authorizer have a route too, but unlike HTTP events they have a type.
  return isRecord(event) && typeof event['routeKey'] === 'string' && event['type'] === undefined;
}

/** The media type of a request's body, in lowercase and without parameters; '' if there is no body. */
export function mediaTypeOf({ headers }: HttpEvent): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** The body as an example shows it: JSON as a value, multipart/form-data as its file, anything else as text. */
export function bodyValue(event: HttpEvent): unknown {
  const { body = '', isBase64Encoded } = event;
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
  if (mediaTypeOf(event) === 'multipart/form-data') return { file: partContent(text) };
  if (mediaTypeOf(event) !== 'application/json') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The content of the only part. */
function partContent(text: string): string {
  const start = text.indexOf('\r\n\r\n') + 4;
  return text.slice(start, text.lastIndexOf('\r\n--'));
}
