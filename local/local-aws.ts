/** Clients of the local AWS services. */
import { createObjectStore, type ObjectStore } from '../collect-lambdas/shared/object-store.ts';
import { DbProxyError, type DbProxy } from '../collect-lambdas/shared/db-proxy-client.ts';
import type { Input, Operation, Reply, Result } from '../db-proxy-lambda/contract.ts';
import { REGION } from './template/references.ts';

/** The local services accept any credentials. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Options of an SDK client for the service at `endpoint`. */
export function localClientOptions(endpoint: string) {
  return { endpoint, region: REGION, credentials: LOCAL_CREDENTIALS, forcePathStyle: true };
}

/** A bucket of a local stack. `servicesUrl` is the URL of its S3. */
export function localStore(bucket: string, servicesUrl: string): ObjectStore {
  return createObjectStore(bucket, {
    AWS_ENDPOINT_URL_S3: servicesUrl,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
  });
}

/** A client of the db-proxy. `invoke` sends a request's JSON and returns the reply's JSON. */
export function dbProxyBehind(invoke: (request: string) => Promise<string>): DbProxy {
  return {
    async call<O extends Operation>(operation: O, input: Input<O>): Promise<Result<O>> {
      const reply: Reply<O> = JSON.parse(await invoke(JSON.stringify({ operation, input })));
      if (!reply.ok) throw new DbProxyError(reply.error.code);
      return reply.result;
    },
  };
}
