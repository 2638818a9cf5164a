/** The process of proxy-process.ts. Reports that it is loaded, then handles requests. */
import { createDependencies } from '../../db-proxy-lambda/dependencies.ts';
import { createHandler } from '../../db-proxy-lambda/handler.ts';
import type { ProxyReplies, ProxyRequests } from './proxy-process.ts';
import { RecordingLogger } from './recording-logger.ts';

const logger = new RecordingLogger();
const handler = createHandler({ ...createDependencies(process.env), logger });

async function handleAll({ number, requests }: ProxyRequests): Promise<ProxyReplies> {
  const replies = await Promise.all(requests.map((request) => handler(request)));
  return { number, replies, logged: logger.lines.splice(0) };
}

process.on('message', (requests: ProxyRequests) => void handleAll(requests).then((replies) => process.send?.(replies)));
process.once('disconnect', () => process.exit(0));
process.send?.('loaded');
