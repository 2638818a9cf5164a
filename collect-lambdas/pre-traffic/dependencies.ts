import { setTimeout } from 'node:timers/promises';
import { CodeDeployClient, PutLifecycleEventHookExecutionStatusCommand } from '@aws-sdk/client-codedeploy';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { traceClient } from '@collect/tracing';
import * as z from 'zod';
import { readEnvironment } from '../shared/env.ts';
import { createLogger, type Logger } from '../shared/logger.ts';
import { smokeEvents, type Smoke } from './smoke-events.ts';

/** What CodeDeploy calls a deployment's step. */
export interface Step {
  deploymentId: string;
  executionId: string;
}

export interface Dependencies {
  logger: Logger;
  /** What each new version is asked. */
  smokes: readonly (Smoke & { version: string })[];
  /** Runs a version; answers what it answered. @throws when it failed or could not be reached */
  invoke: (version: string, event: unknown) => Promise<unknown>;
  /** Lets some seconds pass for a database that wakes. */
  wait: () => Promise<void>;
  /** Tells CodeDeploy to go on, or to keep the version that is live. */
  report: (step: Step, passed: boolean) => Promise<void>;
}

/** The real ones. @throws {Error} that names every environment variable that is missing. */
export function createDependencies(environment: NodeJS.ProcessEnv): Dependencies {
  const shape = Object.fromEntries(smokeEvents.map(({ variable }) => [variable, z.string().min(1)]));
  const versions = readEnvironment(shape, environment);
  const lambda = traceClient(new LambdaClient({ maxAttempts: 3 }));
  const codeDeploy = traceClient(new CodeDeployClient());
  return {
    logger: createLogger('pre-traffic'),
    smokes: smokeEvents.map((smoke) => ({ ...smoke, version: versions[smoke.variable] ?? '' })),
    invoke: async (version, event) => {
      const command = new InvokeCommand({ FunctionName: version, Payload: Buffer.from(JSON.stringify(event)) });
      const { FunctionError: failure, Payload: payload } = await lambda.send(command);
      if (failure !== undefined || payload === undefined) throw new Error('The function failed.');
      return JSON.parse(Buffer.from(payload).toString());
    },
    wait: () => setTimeout(5_000),
    report: async ({ deploymentId, executionId }, passed) => {
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
