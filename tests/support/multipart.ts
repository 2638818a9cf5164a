/** multipart/form-data events as API Gateway passes them on, with the body in base64. */
import type { HttpEvent } from '../../collect-lambdas/shared/http.ts';
import { httpEvent } from './http-event.ts';

export interface FormPart {
  name: string;
  content: string | Uint8Array;
  /** Without a file name the part is a field, not a file. */
  filename?: string;
}

const BOUNDARY = '----tests-boundary';

export function multipartEvent(routeKey: string, parts: readonly FormPart[]): HttpEvent {
  const body = Buffer.concat([
    ...parts.flatMap(({ name, content, filename }) => [
      Buffer.from(
        `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${escape(name)}"${filename === undefined ? '' : `; filename="${escape(filename)}"`}\r\n\r\n`,
      ),
      Buffer.from(content),
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${BOUNDARY}--\r\n`),
  ]);
  return rawMultipartEvent(routeKey, body);
}

/** Escapes a name as browsers do (https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data). */
function escape(filename: string): string {
  return filename.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');
}

/** A multipart event with any bytes as its body. */
export function rawMultipartEvent(routeKey: string, body: Uint8Array): HttpEvent {
  const event = httpEvent(routeKey, { body: '', contentType: `multipart/form-data; boundary=${BOUNDARY}` });
  return { ...event, body: Buffer.from(body).toString('base64'), isBase64Encoded: true };
}
