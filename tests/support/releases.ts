/** A server that passes requests on to a stack, and whose form page can be replaced by another release. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface Releases {
  url: string;
  /** Replaces the page's HTML and its service worker. */
  next: () => void;
  stop: () => Promise<void>;
}

/** @param origin of the stack */
export async function startReleases(origin: string): Promise<Releases> {
  let isNext = false;
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = request.method === 'POST' ? new Uint8Array(Buffer.concat(await request.toArray())) : undefined;
    const headers = new Headers();
    for (const name of ['content-type', 'if-none-match']) headers.set(name, String(request.headers[name] ?? ''));
    const init = { method: request.method ?? 'GET', headers, ...(body && { body }) };
    const reply = await fetch(origin + String(request.url), init);
    const isPage = /^\/fill\/(sw\.js)?$/.test(String(request.url));
    const content = isPage && isNext ? released(await reply.text()) : new Uint8Array(await reply.arrayBuffer());
    response.writeHead(reply.status, {
      'content-type': reply.headers.get('content-type') ?? '',
      'cache-control': 'no-cache',
      'service-worker-allowed': '/fill/',
    });
    response.end(content);
  };
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port }: Pick<AddressInfo, 'port'> = Object(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    next: () => {
      isNext = true;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Another title, and another name of the service worker's cache. */
function released(text: string): string {
  return text
    .replace('<title>Collect: forms</title>', '<title>The next release</title>')
    .replace('collect-form-page-', 'collect-form-page-next-');
}
