/**
 * The host's side of Lambda's Runtime API. One server serves all environments, each at its own path
 * (`/<environment>/2018-06-01/runtime/...`). The environment's id is random, so that no page in a browser can guess it.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { MessageReader, formatHead } from '../runtime/message-reader.ts';
import type { HttpMessage } from '../runtime/message-reader.ts';
import type { Environment } from './environment.ts';
import type { SendReply } from './invocation.ts';

/** The replies on one connection. */
class Replies {
  readonly #socket: Socket;
  #held = '';

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Sends this reply together with the next one, because the bootstrap polls right after each report. */
  hold(status: number): void {
    this.#held += formatHead(`HTTP/1.1 ${status} `, { 'content-length': 0 });
  }

  readonly send: SendReply = (status, headers, body) => {
    const head = formatHead(`HTTP/1.1 ${status} `, { ...headers, 'content-length': body?.length ?? 0 });
    this.#socket.cork();
    this.#socket.write(this.#held + head, 'latin1');
    if (body !== undefined) this.#socket.write(body);
    this.#socket.uncork();
    this.#held = '';
  };
}

export class RuntimeApi {
  readonly #environments = new Map<string, Environment>();
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  async start(): Promise<void> {
    this.#server = createServer({ noDelay: true }, (socket) => this.#connect(socket));
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    const address = this.#server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
  }

  /** `127.0.0.1:port`, without an environment's id. */
  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  add(id: string, environment: Environment): void {
    this.#environments.set(id, environment);
  }

  remove(id: string): void {
    this.#environments.delete(id);
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  }

  #connect(socket: Socket): void {
    this.#sockets.add(socket);
    const replies = new Replies(socket);
    const reader = new MessageReader((message) => this.#handle(message, replies));
    socket.on('data', (chunk) => reader.receive(chunk));
    socket.on('close', () => this.#sockets.delete(socket));
    // The process has ended. Its `Environment` handles that.
    socket.on('error', () => socket.destroy());
  }

  #handle({ startLine, body }: HttpMessage, replies: Replies): void {
    const [method, path = ''] = startLine.split(' ');
    const [, id = '', , , subject, requestId = '', action] = path.split('/');
    const environment = this.#environments.get(id);
    if (environment === undefined) {
      replies.send(404, {});
      return;
    }
    if (method === 'GET') {
      environment.next(replies.send);
      return;
    }
    if (action === 'response') {
      replies.hold(202);
      environment.respond(requestId, body);
      return;
    }
    replies.send(202, {});
    if (subject === 'init') environment.failInit(body);
    else environment.fail(requestId, body);
  }
}
