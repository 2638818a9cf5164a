/** Tests each new version with a request before CodeDeploy shifts traffic to it. */
import * as z from 'zod';
import { traceOf } from '../shared/logger.ts';
import type { Dependencies } from './dependencies.ts';

/** A database that was paused for more than a day needs half a minute or longer to resume; a try takes some seconds. */
const MAX_TRIES = 6;
const unavailable = z.object({ statusCode: z.literal(503) });

const lifecycleEvent = z.object({ DeploymentId: z.string(), LifecycleEventHookExecutionId: z.string() });

/**
 * Sends every new version its smoke event, and tells CodeDeploy to continue or to keep the live versions. Each
 * deployment of a stack runs this hook, so one bad version stops all deployments.
 */
export function createHandler({ smokes, invoke, wait, report, logger }: Dependencies) {
  return async (event: unknown): Promise<{ passed: boolean }> => {
    const { DeploymentId: deploymentId, LifecycleEventHookExecutionId: executionId } = lifecycleEvent.parse(event);
    const results = await Promise.all(
      smokes.map(async ({ version, event: smoke, reply }) => {
        try {
          if (reply.safeParse(await invokeUntilAvailable(version, smoke)).success) return true;
          logger.error('wrong reply to the smoke event', { deploymentId, version });
        } catch (error) {
          logger.error('smoke event failed', { deploymentId, version, ...traceOf(error) });
        }
        return false;
      }),
    );
    const passed = results.every(Boolean);
    await report({ deploymentId, executionId }, passed);
    logger.info('deployment checked', { deploymentId, passed });
    return { passed };
  };

  async function invokeUntilAvailable(version: string, smoke: unknown): Promise<unknown> {
    for (let tries = 1; ; tries += 1) {
      const reply = await invoke(version, smoke);
      if (!unavailable.safeParse(reply).success || tries === MAX_TRIES) return reply;
      await wait();
    }
  }
}
