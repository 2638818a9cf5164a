/**
 * fauxqs (S3, SQS and SNS) on a thread of its own, so that a large upload does not hold up the requests that the host
 * serves. Queues are kept in a database, objects in files, both under the host's home.
 */
import { subscribe } from 'node:diagnostics_channel';
import { mkdirSync } from 'node:fs';
import { IncomingMessage, Server, ServerResponse, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { startFauxqs } from 'fauxqs';
import type { FauxqsInitConfig } from 'fauxqs';
import { withoutPages } from '../http-server.ts';
import { changeOf } from './object-events.ts';
import type { ObjectChange } from './object-events.ts';

export interface WorkerData {
  folder: string;
  region: string;
}

export type WorkerRequest = { type: 'setup'; resources: FauxqsInitConfig } | { type: 'stop' };
export type WorkerReply = { type: 'started'; port: number } | { type: 'ready' } | { type: 'failed'; reason: string };
export type WorkerMessage = WorkerReply | { type: 'object'; change: ObjectChange };

if (parentPort === null) throw new Error('This runs on a thread of the host.');
const host = parentPort;
const { folder, region }: WorkerData = workerData;

function tell(message: WorkerMessage): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
  host.postMessage(message);
}

function property(message: unknown, name: string): unknown {
  return typeof message === 'object' && message !== null ? Reflect.get(message, name) : undefined;
}

// fauxqs has no way to refuse a request before it is handled, so that its server gets another listener as it starts.
subscribe('tracing:net.server.listen:asyncStart', (message) => {
  const server = property(message, 'server');
  if (!(server instanceof Server)) return;
  const listeners = server.listeners('request');
  server.removeAllListeners('request');
  const handle: RequestListener = (...request) => listeners.forEach((listener) => void listener.apply(server, request));
  server.on('request', withoutPages(handle));
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

// fauxqs listens on every interface and has no option for it; what it holds is for this machine alone.
subscribe('net.server.socket', (message) => {
  const socket = property(message, 'socket');
  if (!(socket instanceof Socket) || socket.localPort !== server.port) return;
  if (!/^(?:::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? '')) socket.destroy();
});

/** fauxqs has no bucket notifications, so they are made from the requests that it has answered. */
async function notify(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '', headers } = request;
  const change = changeOf(method, url, headers['x-amz-copy-source'] !== undefined);
  if (change === undefined || response.statusCode >= 300 || request.socket.localPort !== server.port) return;
  const head = await fetch(`http://127.0.0.1:${server.port}${url.replace(/\?.*$/, '')}`, { method: 'HEAD' });
  const size = head.ok ? Number(head.headers.get('content-length')) : 0;
  const etag = (head.headers.get('etag') ?? '').replaceAll('"', '');
  tell({ type: 'object', change: { ...change, size, etag } });
}

subscribe('http.server.response.finish', (message) => {
  const request = property(message, 'request');
  const response = property(message, 'response');
  if (request instanceof IncomingMessage && response instanceof ServerResponse) {
    void notify(request, response).catch((error: unknown) => {
      // Who would hear of the change stops as well.
      if (!isStopping) throw error;
    });
  }
});

function setup(resources: FauxqsInitConfig): void {
  // A topic keeps nothing but its subscriptions, which the template may have changed.
  for (const { name } of resources.topics ?? []) server.deleteTopic(name);
  server.setup(resources);
  tell({ type: 'ready' });
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
    tell({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });
  }
});
tell({ type: 'started', port: server.port });
