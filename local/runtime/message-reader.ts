/**
 * A minimal HTTP/1.1 for the Runtime API: client and server are both part of this project. Node's HTTP server and client
 * take several times as long per request, and each invocation needs two requests. Every message has a content-length.
 */
const HEAD_END = '\r\n\r\n';

export interface HttpMessage {
  /** `GET /path HTTP/1.1` or `HTTP/1.1 200 OK`. */
  startLine: string;
  /** Lowercase names. */
  headers: Map<string, string>;
  body: Buffer;
}

type Head = Omit<HttpMessage, 'body'>;

function parseHead(head: string): Head {
  const [startLine = '', ...lines] = head.split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers.set(line.slice(0, colon), line.slice(colon + 2));
  }
  return { startLine, headers };
}

/** Formats a message's head for `MessageReader`. Names must be lowercase; one space follows the colon. */
export function formatHead(startLine: string, headers: Record<string, string | number>): string {
  let head = startLine;
  for (const name of Object.keys(headers)) head += `\r\n${name}: ${headers[name]}`;
  return head + HEAD_END;
}

export class MessageReader {
  readonly #onMessage: (message: HttpMessage) => void;
  #chunks: Buffer[] = [];
  #received = 0;
  #head: Head | undefined;
  /** Length of the current body, in bytes. */
  #expected = 0;

  constructor(onMessage: (message: HttpMessage) => void) {
    this.#onMessage = onMessage;
  }

  /** Adds received bytes, and calls `onMessage` for every complete message. */
  receive(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    while (this.#readHead() && this.#readBody()) {
      // One chunk may hold several messages.
    }
  }

  #readHead(): boolean {
    if (this.#head !== undefined) return true;
    if (this.#received === 0) return false;
    const received = this.#take();
    const end = received.indexOf(HEAD_END);
    if (end < 0) {
      this.#keep(received);
      return false;
    }
    this.#head = parseHead(received.toString('latin1', 0, end));
    this.#expected = Number(this.#head.headers.get('content-length') ?? 0);
    this.#keep(received.subarray(end + HEAD_END.length));
    return true;
  }

  #readBody(): boolean {
    if (this.#head === undefined || this.#received < this.#expected) return false;
    const received = this.#take();
    const message = { ...this.#head, body: received.subarray(0, this.#expected) };
    this.#head = undefined;
    this.#keep(received.subarray(this.#expected));
    this.#onMessage(message);
    return true;
  }

  #take(): Buffer {
    const [first] = this.#chunks;
    return this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
  }

  #keep(rest: Buffer): void {
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#received = rest.length;
  }
}
