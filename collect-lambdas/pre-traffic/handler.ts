/** Before CodeDeploy moves traffic to the new versions, each gets a request that it must answer. */
import * as z from 'zod';
import { traceOf } from '../shared/logger.ts';
import type { Dependencies } from './dependencies.ts';

/** A database that was paused for more than a day takes half a minute or longer to wake; a try takes some seconds. */
const WAKING_TRIES = 6;
const unavailable = z.object({ statusCode: z.literal(503) });

const lifecycleEvent = z.object({ DeploymentId: z.string(), LifecycleEventHookExecutionId: z.string() });

/**
 * Sends every new version its smoke event, and tells CodeDeploy to go on or to keep the live versions. Each deployment of
 * a stack runs this hook, so one bad version stops them all.
 */
export function createHandler({ smokes, invoke, wait, report, logger }: Dependencies) {
  return async (event: unknown): Promise<{ passed: boolean }> => {
    const { DeploymentId: deploymentId, LifecycleEventHookExecutionId: executionId } = lifecycleEvent.parse(event);
    const results = await Promise.all(
      smokes.map(async ({ version, event: smoke, reply }) => {
        try {
          if (reply.safeParse(await askOnceAwake(version, smoke)).success) return true;
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

  async function askOnceAwake(version: string, smoke: unknown): Promise<unknown> {
    for (let tries = 1; ; tries += 1) {
      const reply = await invoke(version, smoke);
      if (!unavailable.safeParse(reply).success || tries === WAKING_TRIES) return reply;
      await wait();
    }
  }
}
