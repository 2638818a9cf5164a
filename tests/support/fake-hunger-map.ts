/** A fake of the HungerMap API on the loopback. It sends each country's configured replies in order. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { portOf } from './port-of.ts';

export interface FakeReply {
  status?: number;
  headers?: Record<string, string>;
  /** Sent as JSON, unless it is text. */
  body?: unknown;
  /** Closes the connection instead of replying. */
  hangUp?: boolean;
}

export class FakeHungerMap {
  readonly requests: { iso3: string; from: string | null; to: string | null; authorization: string | undefined }[] = [];
  readonly #replies = new Map<string, FakeReply[]>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
      const iso3 = /^\/v1\/foodsecurity\/country\/([A-Z]{3})\/region$/.exec(pathname)?.[1] ?? '';
      const { authorization } = request.headers;
      this.requests.push({
        iso3,
        from: searchParams.get('date_start'),
        to: searchParams.get('date_end'),
        authorization,
      });
      const replies = this.#replies.get(iso3) ?? [{ status: 404 }];
      send(response, (replies.length > 1 ? replies.shift() : replies[0]) ?? {});
    });
  }

  static async start(): Promise<FakeHungerMap> {
    const fake = new FakeHungerMap();
    fake.#server.listen(0, '127.0.0.1');
    await once(fake.#server, 'listening');
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${portOf(this.#server)}/v1`;
  }

  /** Sets a country's replies, in order; the last reply repeats. Clears `requests`. */
  answer(iso3: string, ...replies: FakeReply[]): void {
    this.requests.length = 0;
    this.#replies.set(iso3, replies);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function send(response: ServerResponse, { status = 200, headers = {}, body = [], hangUp = false }: FakeReply): void {
  if (hangUp) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
