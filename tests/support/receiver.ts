/** A receiver of webhooks on this machine, which records what it gets. */
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { portOf } from './port-of.ts';

export interface Received {
  body: Record<string, unknown>;
  text: string;
  headers: http.IncomingHttpHeaders;
}

type Answer = (reply: http.ServerResponse, received: Received) => void;

export class TestReceiver {
  readonly received: Received[] = [];
  /** Requests without a reply yet, and the largest number of them at the same time. */
  open = 0;
  mostOpen = 0;
  /** How it answers; by default 204. */
  answer: Answer = (reply) => reply.writeHead(204).end();
  readonly #server: http.Server;
  readonly #scheme: string;

  private constructor(tls?: https.ServerOptions) {
    const serve: http.RequestListener = (request, reply) => {
      this.open += 1;
      this.mostOpen = Math.max(this.mostOpen, this.open);
      reply.once('close', () => (this.open -= 1));
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const received = { text, body: JSON.parse(text), headers: request.headers };
        this.received.push(received);
        this.answer(reply, received);
      });
    };
    this.#scheme = tls === undefined ? 'http' : 'https';
    this.#server = tls === undefined ? http.createServer(serve) : https.createServer(tls, serve);
  }

  /** @param tls its key and certificate; without them it speaks plain HTTP */
  static async start(tls?: https.ServerOptions): Promise<TestReceiver> {
    const receiver = new TestReceiver(tls);
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  url(host = '127.0.0.1'): string {
    return `${this.#scheme}://${host}:${portOf(this.#server)}/hook`;
  }

  /** The events it got, such as `a2` for revision 2 of the response `a`. */
  get events(): string[] {
    return this.received.map(({ body }) => `${String(body['response_id'])}${String(body['revision'])}`);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
