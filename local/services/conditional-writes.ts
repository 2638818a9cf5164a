/** Conditional writes of objects (If-Match, If-None-Match), which S3 has and fauxqs ignores. */
import type { IncomingHttpHeaders } from 'node:http';
import type { buildApp } from 'fauxqs';

/** The Fastify application inside fauxqs. */
export type App = Pick<ReturnType<typeof buildApp>, 'addHook' | 'inject'>;

interface Refusal {
  status: number;
  body: string;
}

const PRECONDITION_FAILED: Refusal = {
  status: 412,
  body: '<?xml version="1.0" encoding="UTF-8"?><Error><Code>PreconditionFailed</Code><Message>At least one of the pre-conditions you specified did not hold</Message></Error>',
};
const NO_SUCH_KEY: Refusal = {
  status: 404,
  body: '<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>',
};

const isConditional = (headers: IncomingHttpHeaders): boolean =>
  headers['if-match'] !== undefined || headers['if-none-match'] !== undefined;

/**
 * Checks the condition of a write when its body has arrived. No other write of the object comes between the check and
 * the write, even if the client has left meanwhile.
 */
export function checkConditions(app: App): void {
  /** By path, the last write of an object that waits for its check or is in progress. */
  const underway = new Map<string, Promise<void>>();
  app.addHook('preHandler', ({ method, url, headers }, reply, write) => {
    const path = url.replace(/\?.*$/, '');
    if (method === 'GET' || method === 'HEAD' || !(isConditional(headers) || underway.has(path))) {
      write();
      return;
    }
    async function inTurn(): Promise<void> {
      await underway.get(path);
      const refusal = await refusalOf(app, path, headers);
      // fauxqs stores the object before `write` returns.
      if (refusal === undefined) write();
      else void reply.code(refusal.status).type('application/xml').send(refusal.body);
    }
    const ended = inTurn()
      .catch(write)
      .finally(() => underway.get(path) === ended && underway.delete(path));
    underway.set(path, ended);
  });
}

/** Why a write is refused; undefined if its condition holds, or it has none. */
async function refusalOf(app: App, path: string, headers: IncomingHttpHeaders): Promise<Refusal | undefined> {
  if (!isConditional(headers)) return undefined;
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  const stored = await app.inject({ method: 'HEAD', url: path });
  const etag = stored.statusCode === 200 ? stored.headers.etag : undefined;
  if (noneMatch !== undefined) return etag === undefined ? undefined : PRECONDITION_FAILED;
  if (etag === undefined) return NO_SUCH_KEY;
  return match === etag ? undefined : PRECONDITION_FAILED;
}
