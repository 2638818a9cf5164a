/** Run by proxy-process.ts with native type stripping: says when it is loaded, then answers each list of requests. */
import type { Context } from 'aws-lambda';
import { createDependencies } from '../../db-proxy-lambda/dependencies.ts';
import { createHandler } from '../../db-proxy-lambda/handler.ts';
import type { ProxyRequest } from './proxy-process.ts';
import { RecordingLogger } from './recording-logger.ts';

const handler = createHandler({ ...createDependencies(process.env), logger: new RecordingLogger() });

process.on('message', (requests: ProxyRequest[]) => {
  void Promise.all(requests.map((request) => handler(request, { awsRequestId: 'invocation-1' } as Context))).then(
    (replies) => process.send?.(replies),
  );
});
process.once('disconnect', () => process.exit(0));
process.send?.('loaded');
