/** CodeDeploy asks, before it moves traffic, whether the new versions work. */
import * as z from 'zod';
import { traceOf } from '../shared/logger.ts';
import type { Dependencies } from './dependencies.ts';

/** A database that was paused for more than a day takes half a minute or longer to wake; a question takes some seconds. */
const WAKING_TRIES = 6;
const unavailable = z.object({ statusCode: z.literal(503) });

const lifecycleEvent = z.object({ DeploymentId: z.string(), LifecycleEventHookExecutionId: z.string() });

/**
 * Sends every new version its smoke event and reports to CodeDeploy, which goes on or keeps what is live. One hook
 * serves all deployments of a stack, each of which asks for itself, so one bad version stops them all.
 */
export function createHandler({ smokes, invoke, wait, report, logger }: Dependencies) {
  return async (event: unknown): Promise<{ passed: boolean }> => {
    const { DeploymentId: deploymentId, LifecycleEventHookExecutionId: executionId } = lifecycleEvent.parse(event);
    const results = await Promise.all(
      smokes.map(async ({ version, event: smoke, answer }) => {
        try {
          if (answer.safeParse(await askOnceAwake(version, smoke)).success) return true;
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

  async function askOnceAwake(version: string, smoke: unknown): Promise<unknown> {
    for (let tries = 1; ; tries += 1) {
      const answer = await invoke(version, smoke);
      if (!unavailable.safeParse(answer).success || tries === WAKING_TRIES) return answer;
      await wait();
    }
  }
}
