/** CodeDeploy's hook before traffic moves to a new db-proxy: the new version migrates the schema and answers a ping. */
import * as z from 'zod';
import type { Input, Operation, Reply } from '../contract.ts';
import type { Ask, Dependencies } from './dependencies.ts';

const lifecycleEvent = z.object({ DeploymentId: z.string(), LifecycleEventHookExecutionId: z.string() });

export function createHandler(dependencies: Dependencies) {
  return async (event: unknown): Promise<{ passed: boolean }> => {
    const { DeploymentId: deploymentId, LifecycleEventHookExecutionId: executionId } = lifecycleEvent.parse(event);
    const passed = await prepare(dependencies, deploymentId);
    await dependencies.report({ deploymentId, executionId }, passed);
    return { passed };
  };
}

/** Lets the new version migrate, unless that would break the live one, and then pings the new version. */
async function prepare(dependencies: Dependencies, deploymentId: string): Promise<boolean> {
  const { askLive, askNew, leaveSnapshotMarker, logger } = dependencies;
  try {
    const live = await onceAwake(dependencies, askLive, 'describeSchema', {});
    if (!live.ok) return refuse('the live version does not answer', { code: live.error.code });
    const migrated = await askNew('migrateSchema', { live_schema: live.result.known });
    if (!migrated.ok) return refuse('the schema could not be migrated', { code: migrated.error.code });
    if (migrated.result.outcome === 'refused') {
      return refuse('a migration would break the live version', { ...migrated.result, live: live.result.known });
    }
    logger.info('schema migrated', { deploymentId, applied: migrated.result.applied });
    await leaveSnapshotMarker(deploymentId);
    const ready = await askNew('ping', {});
    return ready.ok || refuse('the new version does not answer', { code: ready.error.code });
  } catch (error) {
    return refuse('the call of a version or of S3 failed', { name: Error.isError(error) ? error.name : typeof error });
  }

  function refuse(reason: string, details: Record<string, unknown>): false {
    logger.error('deployment refused', { deploymentId, reason, ...details });
    return false;
  }
}

/** A database that was paused for more than a day takes 30 seconds or longer to wake up; a try takes some seconds. */
const WAKING_TRIES = 6;

async function onceAwake<O extends Operation>(
  { wait }: Dependencies,
  ask: Ask,
  operation: O,
  input: Input<O>,
): Promise<Reply<O>> {
  for (let tries = 1; ; tries += 1) {
    const reply = await ask(operation, input);
    if (reply.ok || reply.error.code !== 'DATABASE_UNAVAILABLE' || tries === WAKING_TRIES) return reply;
    await wait();
  }
}
