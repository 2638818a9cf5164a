/** The function's side of Lambda's Runtime API, over one persistent connection. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { MessageReader, formatHead } from './message-reader.ts';
import type { HttpMessage } from './message-reader.ts';

export class RuntimeClient {
  readonly #socket: Socket;
  readonly #host: string;
  readonly #base: string;
  /** Requests that wait for their replies, in the order of the replies. */
  readonly #asked: ((reply: HttpMessage) => void)[] = [];

  /**
   * @param address AWS_LAMBDA_RUNTIME_API, here with a path: `127.0.0.1:9001/environment`
   * @param onClosed called when the host has closed the connection
   */
  constructor(address: string, onClosed: () => void) {
    const { host, hostname, port, pathname } = new URL(`http://${address}`);
    this.#host = host;
    this.#base = `${pathname}/2018-06-01/runtime`;
    const reader = new MessageReader((message) => this.#asked.shift()?.(message));
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.#socket.on('data', (chunk) => reader.receive(chunk));
    this.#socket.on('error', onClosed);
    this.#socket.on('close', onClosed);
  }

  /** Waits for the next invocation. */
  next(): Promise<HttpMessage> {
    return this.#send('GET', '/invocation/next', '');
  }

  /** Reports a result and polls for the next invocation together, which saves a round trip. */
  async reportAndNext(path: string, body: string): Promise<HttpMessage> {
    this.#socket.cork();
    void this.report(path, body);
    const next = this.next();
    this.#socket.uncork();
    return next;
  }

  /** Resolves when the host has received the report. */
  report(path: string, body: string): Promise<HttpMessage> {
    return this.#send('POST', path, body);
  }

  #send(method: string, path: string, body: string): Promise<HttpMessage> {
    const headers = { host: this.#host, 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve) => {
      this.#asked.push(resolve);
      this.#socket.write(formatHead(`${method} ${this.#base}${path} HTTP/1.1`, headers) + body);
    });
  }
}
