/**
 * Runs fauxqs (S3, SQS and SNS) on a separate thread, so that a large upload does not block the host. The stack's home
 * holds the queues in a database and the objects in files.
 */
import { subscribe } from 'node:diagnostics_channel';
import { mkdirSync } from 'node:fs';
import { IncomingMessage, Server, ServerResponse, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { startFauxqs } from 'fauxqs';
import type { FauxqsInitConfig } from 'fauxqs';
import { refuseWebPages } from '../../emulators/http-server.ts';
import { LOCAL_CREDENTIALS } from '../local-aws.ts';
import { checkConditions, type App } from './conditional-writes.ts';
import { changeOf } from './object-events.ts';
import type { ObjectChange } from './object-events.ts';
import { withSignedUploads } from './signed-uploads.ts';

export interface WorkerData {
  folder: string;
  region: string;
}

export type WorkerRequest = { type: 'setup'; resources: FauxqsInitConfig } | { type: 'stop' };
export type WorkerReply = { type: 'started'; port: number } | { type: 'ready' } | { type: 'failed'; reason: string };
export type WorkerMessage = WorkerReply | { type: 'object'; change: ObjectChange };

if (parentPort === null) throw new Error('This file must run on a worker thread of the host.');
const host = parentPort;
const { folder, region }: WorkerData = workerData;

function send(message: WorkerMessage): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
  host.postMessage(message);
}

function property(message: unknown, name: string): unknown {
  return typeof message === 'object' && message !== null ? Reflect.get(message, name) : undefined;
}

const isApp = (value: unknown): value is App => typeof property(value, 'inject') === 'function';

// fauxqs checks no conditions and does not export its Fastify application. Fastify announces each application here.
subscribe('fastify.initialization', (message) => {
  const app = property(message, 'fastify');
  if (isApp(app)) checkConditions(app);
});

// fauxqs does not refuse web pages and does not check presigned URLs, so this replaces its server's listener at the start.
subscribe('tracing:net.server.listen:asyncStart', (message) => {
  const server = property(message, 'server');
  if (!(server instanceof Server)) return;
  const listeners = server.listeners('request');
  server.removeAllListeners('request');
  const handle: RequestListener = (...request) => listeners.forEach((listener) => void listener.apply(server, request));
  server.on('request', refuseWebPages(withSignedUploads(handle, LOCAL_CREDENTIALS)));
});

let isStopping = false;
mkdirSync(folder, { recursive: true });
const server = await startFauxqs({
  port: 0,
  logger: false,
  defaultRegion: region,
  dataDir: join(folder, 'queues'),
  s3StorageDir: join(folder, 'objects'),
});

// fauxqs always listens on every interface, so this closes connections from other machines.
subscribe('net.server.socket', (message) => {
  const socket = property(message, 'socket');
  if (!(socket instanceof Socket) || socket.localPort !== server.port) return;
  if (!/^(?:::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? '')) socket.destroy();
});

/** The object that a plain PUT has written. @returns undefined for a copy, an upload in signed chunks, or another method */
function writtenBy({ method, headers }: IncomingMessage, response: ServerResponse) {
  const etag = response.getHeader('etag');
  const size = Number(headers['content-length']);
  const isPlain = headers['x-amz-decoded-content-length'] === undefined && headers['x-amz-copy-source'] === undefined;
  return method === 'PUT' && isPlain && typeof etag === 'string' && size >= 0 ? { size, etag } : undefined;
}

async function storedAt(path: string): Promise<{ size: number; etag: string }> {
  const head = await fetch(`http://127.0.0.1:${server.port}${path}`, { method: 'HEAD' });
  return { size: head.ok ? Number(head.headers.get('content-length')) : 0, etag: head.headers.get('etag') ?? '' };
}

/** fauxqs has no bucket notifications, so this derives them from its requests. */
async function notify(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '', headers } = request;
  const change = changeOf(method, url, headers['x-amz-copy-source'] !== undefined);
  if (change === undefined || response.statusCode >= 300 || request.socket.localPort !== server.port) return;
  const { size, etag } = writtenBy(request, response) ?? (await storedAt(url.replace(/\?.*$/, '')));
  send({ type: 'object', change: { ...change, size, etag: etag.replaceAll('"', '') } });
}

subscribe('http.server.response.finish', (message) => {
  const request = property(message, 'request');
  const response = property(message, 'response');
  if (request instanceof IncomingMessage && response instanceof ServerResponse) {
    void notify(request, response).catch((error: unknown) => {
      // During a stop the server no longer replies.
      if (!isStopping) throw error;
    });
  }
});

function setup(resources: FauxqsInitConfig): void {
  // Deletes outdated subscriptions. A topic has no other data.
  for (const { name } of resources.topics ?? []) server.deleteTopic(name);
  server.setup(resources);
  send({ type: 'ready' });
}

host.on('message', (request: WorkerRequest) => {
  if (request.type === 'stop') {
    isStopping = true;
    void server.stop().then(() => host.close());
    return;
  }
  try {
    setup(request.resources);
  } catch (error) {
    send({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });
  }
});
send({ type: 'started', port: server.port });
