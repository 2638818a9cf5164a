import { setTimeout } from 'node:timers/promises';
import { CodeDeployClient, PutLifecycleEventHookExecutionStatusCommand } from '@aws-sdk/client-codedeploy';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { traceClient } from '@collect/tracing';
import * as z from 'zod';
import { SNAPSHOT_MARKERS } from '../forms/contract.ts';
import type { Input, Operation, Reply } from '../contract.ts';
import { createLogger } from '../logger.ts';

export type Ask = <O extends Operation>(operation: O, input: Input<O>) => Promise<Reply<O>>;

export type Dependencies = ReturnType<typeof createDependencies>;

const settings = z.object({
  NEW_VERSION: z.string().min(1),
  LIVE_ALIAS: z.string().min(1),
  SNAPSHOT_BUCKET: z.string().min(1),
});

/** The real dependencies. @throws {Error} when a variable is missing */
export function createDependencies(environment: NodeJS.ProcessEnv) {
  const { NEW_VERSION, LIVE_ALIAS, SNAPSHOT_BUCKET } = settings.parse(environment);
  const lambda = traceClient(new LambdaClient({ maxAttempts: 3 }));
  const s3 = traceClient(new S3Client());
  const codeDeploy = traceClient(new CodeDeployClient());
  const asker =
    (functionName: string): Ask =>
    async (operation, input) => {
      const payload = Buffer.from(JSON.stringify({ operation, input }));
      const output = await lambda.send(new InvokeCommand({ FunctionName: functionName, Payload: payload }));
      if (output.FunctionError !== undefined || output.Payload === undefined) throw new Error('The proxy failed.');
      return JSON.parse(Buffer.from(output.Payload).toString());
    };
  return {
    logger: createLogger(),
    /** Invokes the live version. */
    askLive: asker(LIVE_ALIAS),
    /** Invokes the new version. */
    askNew: asker(NEW_VERSION),
    /** Waits for a database that is waking up. */
    wait: () => setTimeout(5_000),
    /** Leaves a marker, so that the sweep repairs the snapshot from the migrated database. */
    leaveSnapshotMarker: async (deploymentId: string) => {
      const key = `${SNAPSHOT_MARKERS}${deploymentId}`;
      await s3.send(new PutObjectCommand({ Bucket: SNAPSHOT_BUCKET, Key: key, Body: '{}' }));
    },
    /** Tells CodeDeploy to shift traffic, or to keep the live version. */
    report: async ({ deploymentId, executionId }: { deploymentId: string; executionId: string }, passed: boolean) => {
      await codeDeploy.send(
        new PutLifecycleEventHookExecutionStatusCommand({
          deploymentId,
          lifecycleEventHookExecutionId: executionId,
          status: passed ? 'Succeeded' : 'Failed',
        }),
      );
    },
  };
}
