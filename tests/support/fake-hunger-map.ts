/** The HungerMap API on the loopback: answers each country as it was told to, one answer after the other. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { portOf } from './port-of.ts';

export interface FakeAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** Sent as JSON, unless it is text. */
  body?: unknown;
  /** Ends the connection instead of answering. */
  hangUp?: boolean;
}

export class FakeHungerMap {
  readonly requests: { iso3: string; from: string | null; to: string | null; authorization: string | undefined }[] = [];
  readonly #answers = new Map<string, FakeAnswer[]>();
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
      const answers = this.#answers.get(iso3) ?? [{ status: 404 }];
      send(response, (answers.length > 1 ? answers.shift() : answers[0]) ?? {});
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

  /** What the country is answered with, in order; the last one from then on. Forgets the requests so far. */
  answer(iso3: string, ...answers: FakeAnswer[]): void {
    this.requests.length = 0;
    this.#answers.set(iso3, answers);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function send(response: ServerResponse, { status = 200, headers = {}, body = [], hangUp = false }: FakeAnswer): void {
  if (hangUp) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
