/** HTTP servers on the loopback. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';

export interface RunningServer {
  port: number;
  /** Closes the server and every connection. */
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1, on any free port if `port` is 0.
 * @throws the system's error (EADDRINUSE, EACCES) when the port is unavailable
 */
export async function serve(port: number, listener: RequestListener): Promise<RunningServer> {
  const server: Server = createServer({ keepAliveTimeout: 75_000, requestTimeout: 0, noDelay: true }, listener);
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.');
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A Host header with the loopback's name or address. */
const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i;

/**
 * Replies 403 to requests from web pages. A foreign Origin shows another site's page. A foreign Host shows a page whose
 * domain name resolves to the loopback (DNS rebinding).
 */
export function refuseWebPages(listener: RequestListener): RequestListener {
  return (request, response) => {
    const { host = '', origin } = request.headers;
    if (LOOPBACK.test(host) && (origin === undefined || origin === `http://${host}`)) {
      listener(request, response);
      return;
    }
    request.resume();
    const body =
      'This server accepts only requests from local programs: the headers Host and Origin must be its own.\n';
    response.writeHead(403, { 'content-type': 'text/plain', 'content-length': body.length }).end(body);
  };
}

/**
 * Reads a request's body.
 * @returns undefined when it exceeds `limit` bytes; the rest is discarded
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
    });
    request.on('end', () => {
      const [first] = chunks;
      if (size > limit) resolve(undefined);
      else resolve(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
    });
    request.on('error', reject);
  });
}
