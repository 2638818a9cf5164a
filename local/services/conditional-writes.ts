/** Conditional writes of objects (If-Match, If-None-Match), which S3 has and fauxqs ignores. */
import { Agent, get, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';

const PRECONDITION_FAILED =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>PreconditionFailed</Code><Message>At least one of the pre-conditions you specified did not hold</Message></Error>';
const NO_SUCH_KEY =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>';

const agent = new Agent({ keepAlive: true });

/** Checks the conditions of writes. Those of the same object run one after another. */
export function withConditions(listener: RequestListener): RequestListener {
  /** The last conditional write of each object, by path; those that ended are removed. */
  const underway = new Map<string, Promise<void>>();
  return (request, response) => {
    const { method, headers, url = '' } = request;
    const isConditional = headers['if-match'] !== undefined || headers['if-none-match'] !== undefined;
    if (method !== 'PUT' || !isConditional) {
      listener(request, response);
      return;
    }
    const path = url.replace(/\?.*$/, '');
    const ended = (underway.get(path) ?? Promise.resolve())
      .then(() => write(listener, request, response, path))
      .finally(() => underway.get(path) === ended && underway.delete(path));
    underway.set(path, ended);
  };
}

/** Resolves when the response is sent. */
async function write(
  listener: RequestListener,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  const closed = new Promise<void>((resolve) => void response.once('close', resolve));
  const { 'if-match': match, 'if-none-match': noneMatch } = request.headers;
  const etag = await etagOf(request, path);
  const holds = noneMatch === undefined ? match === etag : etag === undefined;
  if (holds) listener(request, response);
  else {
    request.resume();
    const isMissing = noneMatch === undefined && etag === undefined;
    const body = isMissing ? NO_SUCH_KEY : PRECONDITION_FAILED;
    response.writeHead(isMissing ? 404 : 412, { 'content-type': 'application/xml' }).end(body);
  }
  await closed;
}

/** The ETag of the stored object; undefined if there is none. */
async function etagOf({ headers: { host = '' } }: IncomingMessage, path: string): Promise<string | undefined> {
  return await new Promise((resolve, reject) => {
    get(`http://${host}${path}`, { method: 'HEAD', agent }, (head) => {
      head.resume();
      resolve(head.statusCode === 200 ? head.headers.etag : undefined);
    }).once('error', reject);
  });
}
