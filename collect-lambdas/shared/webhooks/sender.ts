/** Sends messages to the receivers of webhooks. */
import { lookup } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { withTimeLimit } from '../time-limit.ts';
import { hostOf, mayConnect } from './address.ts';
import { reasonOf } from './reasons.ts';

export interface WebhookMessage {
  url: string;
  body: string;
  headers: Record<string, string>;
}

/** The outcome of a message. `reason` says why it failed, without the URL. `gone`: the receiver wants no more events. */
export type SendOutcome = { ok: true; status: number } | { ok: false; reason: string; status?: number; gone?: true };

export interface Sender {
  /** Sends a message once. Never throws. */
  send: (message: WebhookMessage) => Promise<SendOutcome>;
  /** Closes the connections that are kept for further messages. */
  close: () => void;
}

/** Resolves a name to all of its addresses. @throws if it has none */
export type Resolve = (host: string) => Promise<string[]>;

export interface SenderOptions {
  /** Whether messages may go to this machine, and without TLS. */
  allowsLoopback: boolean;
  resolve?: Resolve;
  /** Certificates (PEM) of the authorities to trust instead of the public authorities. */
  authorities?: string;
  /** Time limit of a try, in milliseconds, from the lookup of the name to the reply. */
  limitMs?: number;
}

const LIMIT_MS = 10_000;
/** How much of a reply's body is read and dropped. A longer body closes the connection. */
const REPLY_BYTES = 65_536;
const MAX_SOCKETS = 64;
const GONE = 410;

const CLOSED_WHILE_IDLE = new Set(['ECONNRESET', 'EPIPE']);

/** The address is looked up and checked for each message, and the connection goes to the checked address. */
export function createSender({
  allowsLoopback,
  resolve = resolveByLookup,
  authorities,
  limitMs = LIMIT_MS,
}: SenderOptions): Sender {
  const kept = { keepAlive: true, maxSockets: MAX_SOCKETS };
  const plain = new http.Agent(kept);
  const secure = new https.Agent({ ...kept, ...(authorities !== undefined && { ca: authorities }) });

  /** Lookups that are under way. Messages that are sent together share one, because resolvers limit queries. */
  const lookups = new Map<string, Promise<string[]>>();
  const lookUp = (host: string): Promise<string[]> => {
    const found = lookups.get(host) ?? resolve(host).finally(() => lookups.delete(host));
    lookups.set(host, found);
    return found;
  };

  async function attempt({ url, body, headers }: WebhookMessage, signal: AbortSignal): Promise<SendOutcome> {
    const target = new URL(url);
    const host = hostOf(target);
    const addresses = isIP(host) === 0 ? await lookUp(host) : [host];
    const refused = addresses.find((address) => !mayConnect(address, allowsLoopback));
    if (refused !== undefined || (target.protocol !== 'https:' && !allowsLoopback)) {
      return { ok: false, reason: `${host} leads to ${refused ?? target.protocol}, which is not a public address.` };
    }
    // A Lambda cannot send over IPv6 unless its network is set up for it.
    const address = addresses.find((each) => isIP(each) === 4) ?? addresses[0];
    if (address === undefined) return { ok: false, reason: `${host} has no address.` };
    const options = {
      method: 'POST',
      host: address,
      port: target.port,
      path: target.pathname + target.search,
      headers: { ...headers, host: target.host, 'content-length': Buffer.byteLength(body) },
      // The certificate must be valid for the name in the URL.
      servername: isIP(host) === 0 ? host : '',
      signal,
    };
    const ask = () =>
      target.protocol === 'https:'
        ? https.request({ ...options, agent: secure })
        : http.request({ ...options, agent: plain });
    return outcomeOf(await postUntilSent(ask, body));
  }

  return {
    async send(message) {
      const signal = withTimeLimit(limitMs);
      try {
        return await beforeAbort(attempt(message, signal), signal);
      } catch (error) {
        return { ok: false, reason: signal.aborted ? tooLate(limitMs) : reasonOf(error) };
      }
    },
    close() {
      plain.destroy();
      secure.destroy();
    },
  };
}

async function resolveByLookup(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** The receiver closed a connection that was kept for further messages: a new connection may work. */
class ClosedWhileIdle extends Error {}

/** @returns the status of the reply. @throws the errors of the connection */
async function postUntilSent(ask: () => http.ClientRequest, body: string): Promise<number> {
  for (;;) {
    try {
      return await post(ask, body);
    } catch (error) {
      if (!(error instanceof ClosedWhileIdle)) throw error;
    }
  }
}

function post(ask: () => http.ClientRequest, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = ask();
    let isAnswered = false;
    request.once('error', (error: NodeJS.ErrnoException) => {
      const wasIdle = !isAnswered && request.reusedSocket && CLOSED_WHILE_IDLE.has(error.code ?? '');
      reject(wasIdle ? new ClosedWhileIdle() : error);
    });
    request.once('response', (reply) => {
      isAnswered = true;
      discard(reply);
      resolve(reply.statusCode ?? 0);
    });
    // Without a listener, Node closes the connection and says nothing.
    request.once('upgrade', (reply, socket) => {
      socket.destroy();
      resolve(reply.statusCode ?? 0);
    });
    request.end(body);
  });
}

/** Reads a body to its end, so that the connection can be used again, or closes the connection. */
function discard(reply: http.IncomingMessage): void {
  let bytes = 0;
  reply.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > REPLY_BYTES) reply.destroy();
  });
  // The status is known already.
  reply.on('error', () => undefined);
}

function outcomeOf(status: number): SendOutcome {
  if (status >= 200 && status < 300) return { ok: true, status };
  if (status === GONE) {
    return { ok: false, status, gone: true, reason: 'The receiver replied 410: it wants no more events.' };
  }
  const isRedirect = status >= 300 && status < 400;
  const advice = isRedirect ? ': redirects are not followed, so change the URL to the final address.' : '.';
  return { ok: false, status, reason: `The receiver replied ${status}${advice}` };
}

function tooLate(limitMs: number): string {
  return `The receiver did not reply within ${limitMs / 1_000} seconds.`;
}

/** Rejects when the signal aborts. Aborting alone ends neither Node's resolver nor every request. */
function beforeAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(new Error('The time is up.')), { once: true }),
    ),
  ]);
}
