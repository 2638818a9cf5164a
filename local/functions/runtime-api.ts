/**
 * The host's side of Lambda's Runtime API. One server serves every environment: each has its own path in front of the
 * API's (`/<environment>/2018-06-01/runtime/...`), where Lambda gives each its own address. The id is random and known to
 * the environment alone, so that no page in a browser can guess the path.
 */
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { MessageReader, formatHead } from '../runtime/message-reader.ts';
import type { HttpMessage } from '../runtime/message-reader.ts';

/** Answers one request. */
export type Answer = (status: number, headers: Record<string, string | number>, body?: Buffer) => void;

/** What an environment asks and tells through this API. */
interface RuntimeClient {
  next: (answer: Answer) => void;
  respond: (requestId: string, payload: Buffer) => void;
  fail: (requestId: string, payload: Buffer) => void;
  failInit: (payload: Buffer) => void;
}

/** The answers on one connection. */
class Answers {
  readonly #socket: Socket;
  #held = '';

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Answers with the next answer, in one piece: a bootstrap that has reported does not wait but asks for more. */
  hold(status: number): void {
    this.#held += formatHead(`HTTP/1.1 ${status} `, { 'content-length': 0 });
  }

  readonly send: Answer = (status, headers, body) => {
    const head = formatHead(`HTTP/1.1 ${status} `, { ...headers, 'content-length': body?.length ?? 0 });
    this.#socket.cork();
    this.#socket.write(this.#held + head, 'latin1');
    if (body !== undefined) this.#socket.write(body);
    this.#socket.uncork();
    this.#held = '';
  };
}

export class RuntimeApi {
  readonly #environments = new Map<string, RuntimeClient>();
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  async start(): Promise<void> {
    const server = createServer({ noDelay: true }, (socket) => this.#connect(socket));
    this.#server = server;
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
  }

  /** `127.0.0.1:port`, to which an environment's id is added. */
  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  add(id: string, environment: RuntimeClient): void {
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
    const answers = new Answers(socket);
    const reader = new MessageReader((message) => this.#handle(message, answers));
    socket.on('data', (chunk) => reader.receive(chunk));
    socket.on('close', () => this.#sockets.delete(socket));
    // The process at the other end is gone, which its environment learns by itself.
    socket.on('error', () => socket.destroy());
  }

  #handle({ startLine, body }: HttpMessage, answers: Answers): void {
    const [method, path = ''] = startLine.split(' ');
    const [, id = '', , , subject, requestId = '', action] = path.split('/');
    const environment = this.#environments.get(id);
    if (environment === undefined) {
      answers.send(404, {});
      return;
    }
    if (method === 'GET') {
      environment.next(answers.send);
      return;
    }
    if (action === 'response') {
      answers.hold(202);
      environment.respond(requestId, body);
      return;
    }
    answers.send(202, {});
    if (subject === 'init') environment.failInit(body);
    else environment.fail(requestId, body);
  }
}
