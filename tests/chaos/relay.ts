/** A TCP relay between two parts of the stack, which can cut connections. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { ServerError } from '../support/mysql-packets.ts';
import { refuseStatements } from './statements.ts';

export class Relay {
  /** Connections cut in the middle of a reply so far. */
  cuts = 0;
  /** The port to relay to; set once the callee has started. */
  target = 0;
  readonly #carries: 'bytes' | 'mysql';
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  #cutsToCome = 0;
  #statementError: ServerError | undefined;

  private constructor(carries: 'bytes' | 'mysql') {
    this.#carries = carries;
    this.#server = createServer({ noDelay: true }, (caller) => void this.#relay(caller));
  }

  /**
   * @param target a port of 127.0.0.1
   * @param carries `mysql` if the relay must be able to refuse statements
   */
  static async start(target = 0, carries: 'bytes' | 'mysql' = 'bytes'): Promise<Relay> {
    const relay = new Relay(carries);
    relay.target = target;
    await relay.accept();
    return relay;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Cuts the next replies in the middle. */
  cutReplies(times: number): void {
    this.#cutsToCome += times;
  }

  /** From now on replies to statements with this error. Without an error, forwards them again. */
  refuseStatements(error?: ServerError): void {
    this.#statementError = error;
  }

  /** Closes every connection and refuses new ones until `accept`. */
  async refuse(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Accepts connections again, on the same port. */
  async accept(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The relay listens on no port.');
    this.#port = address.port;
  }

  /** Ends every fault. */
  async heal(): Promise<void> {
    this.#cutsToCome = 0;
    this.#statementError = undefined;
    if (!this.#server.listening) await this.accept();
  }

  async stop(): Promise<void> {
    if (this.#server.listening) await this.refuse();
  }

  async #relay(caller: Socket): Promise<void> {
    const callee = connect({ port: this.target, host: '127.0.0.1', noDelay: true });
    const both = [caller, callee];
    for (const socket of both) this.#sockets.add(socket);
    const cutting = async function* (relay: Relay, replies: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const reply of replies) {
        // Never cuts the greeting, which the callee sends before the first request.
        if (caller.bytesRead > 0 && relay.#cutsToCome > 0) {
          relay.#cutsToCome -= 1;
          relay.cuts += 1;
          await new Promise((written) => caller.write(reply.subarray(0, reply.length / 2), written));
          return;
        }
        yield reply;
      }
    };
    // Either side may close its connection at any time.
    await Promise.race([
      pipeline(caller, (asked: AsyncIterable<Buffer>) => this.#ask(asked, caller), callee),
      pipeline(callee, (replies: AsyncIterable<Buffer>) => cutting(this, replies), caller),
    ]).catch(() => undefined);
    for (const socket of both) {
      socket.destroy();
      this.#sockets.delete(socket);
    }
  }

  /** A relay to a database reads packets; the others forward bytes. */
  #ask(asked: AsyncIterable<Buffer>, caller: Socket): AsyncIterable<Buffer> {
    if (this.#carries === 'bytes') return asked;
    return refuseStatements(
      asked,
      () => this.#statementError,
      (reply) => caller.write(reply),
    );
  }
}
