/** CodeDeploy asks, before it moves traffic, whether the new versions work. */
import * as z from 'zod';
import { traceOf } from '../shared/logger.ts';
import type { Dependencies } from './dependencies.ts';

const lifecycleEvent = z.object({ DeploymentId: z.string(), LifecycleEventHookExecutionId: z.string() });

/**
 * Sends every new version its smoke event and reports to CodeDeploy, which goes on or keeps what is live. One hook
 * serves all deployments of a stack, each of which asks for itself, so one bad version stops them all.
 */
export function createHandler({ smokes, invoke, report, logger }: Dependencies) {
  return async (event: unknown): Promise<{ passed: boolean }> => {
    const { DeploymentId: deploymentId, LifecycleEventHookExecutionId: executionId } = lifecycleEvent.parse(event);
    const results = await Promise.all(
      smokes.map(async ({ version, event: smoke, answer }) => {
        try {
          if (answer.safeParse(await invoke(version, smoke)).success) return true;
          logger.error('smoke event answered wrongly', { deploymentId, version });
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
}
