/** HTTP requests over kept connections. Node.js's `fetch` takes nearly three times as much CPU time for one. */
import { Agent as PlainAgent, request as plainRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent, request as secureRequest } from 'node:https';

export interface HttpRequest {
  method: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
  signal: AbortSignal;
}

export interface HttpReply {
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer<ArrayBuffer>;
}

/** Sends a request. @throws {Error} if the reply does not come completely before `signal` aborts */
export type Send = (url: string, request: HttpRequest) => Promise<HttpReply>;

/** Unused connections are closed after 4 s, because the server closes them while the environment is frozen. */
const KEPT = { keepAlive: true, timeout: 4_000 };
const agent = new Agent(KEPT);
const plainAgent = new PlainAgent(KEPT);

/** Time limit for a connection, so that another try follows while the caller still waits. */
const CONNECT_MS = 2_000;

export const sendRequest: Send = (url, { method, headers, body, signal }) =>
  new Promise((resolve, reject) => {
    const isPlain = url.startsWith('http:');
    const options = { method, headers, signal, agent: isPlain ? plainAgent : agent };
    const sent = isPlain ? plainRequest(url, options) : secureRequest(url, options);
    sent.once('error', reject);
    sent.once('socket', (socket) => {
      if (!socket.connecting) return;
      const limit = setTimeout(() => sent.destroy(new Error('There is no connection.')), CONNECT_MS);
      socket.once('connect', () => clearTimeout(limit));
      sent.once('close', () => clearTimeout(limit));
    });
    sent.once('response', (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.once('error', reject);
      reply.once('end', () => {
        resolve({ status: reply.statusCode ?? 0, headers: reply.headers, bytes: Buffer.concat(chunks) });
      });
    });
    sent.end(body);
  });
