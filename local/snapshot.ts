/** The snapshot of a stack on this machine, which its own sweep repairs from then on. */
import { createObjectStore, type ObjectStore } from '../collect-lambdas/shared/object-store.ts';
import { DbProxyError, type DbProxy } from '../collect-lambdas/shared/db-proxy-client.ts';
import { repairSnapshot } from '../collect-lambdas/sweep/repair.ts';
import type { Input, Operation, Reply, Result } from '../db-proxy-lambda/contract.ts';
import type { Host } from './host.ts';
import { REGION } from './template/references.ts';

/** The bucket's name, as the functions are told it; undefined where the template has none. */
export function snapshotBucket({ model }: Host): string | undefined {
  return model.functions.map(({ environment }) => environment['SNAPSHOT_BUCKET']).find((name) => name !== undefined);
}

/** A bucket of a stack. @param servicesUrl of its S3 */
export function localStore(bucket: string, servicesUrl: string): ObjectStore {
  return createObjectStore(bucket, {
    AWS_ENDPOINT_URL_S3: servicesUrl,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
}

/** Writes what the database holds into the snapshot, so that the first outage finds it. */
export async function fillSnapshot(host: Host, dbProxy: string): Promise<void> {
  const bucket = snapshotBucket(host);
  if (bucket !== undefined) await repairSnapshot(proxyOf(host, dbProxy), localStore(bucket, host.servicesUrl ?? ''));
}

function proxyOf({ functions }: Host, name: string): DbProxy {
  return {
    async call<O extends Operation>(operation: O, input: Input<O>): Promise<Result<O>> {
      const { payload } = await functions.invoke(name, Buffer.from(JSON.stringify({ operation, input })));
      const reply: Reply<O> = JSON.parse(payload.toString());
      if (!reply.ok) throw new DbProxyError(reply.error.code);
      return reply.result;
    },
  };
}
