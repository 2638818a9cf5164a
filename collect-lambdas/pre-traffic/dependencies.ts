import { setTimeout } from 'node:timers/promises';
import { CodeDeployClient, PutLifecycleEventHookExecutionStatusCommand } from '@aws-sdk/client-codedeploy';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { traceClient } from '@collect/tracing';
import type { Bound, Environment } from '../shared/environment.ts';
import { smokeEvents } from './smoke-events.ts';

/** The ids of a deployment and of its run of this hook, in CodeDeploy. */
export interface Step {
  deploymentId: string;
  executionId: string;
}

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment) {
  const lambda = traceClient(new LambdaClient({ maxAttempts: 3 }));
  const codeDeploy = traceClient(new CodeDeployClient());
  return {
    /** The smoke event of each new version. */
    smokes: smokeEvents.map((smoke) => ({ ...smoke, version: environment.text(smoke.variable) })),
    /** Invokes a version and returns its reply. @throws if it fails or is unreachable */
    invoke: async (version: string, event: unknown): Promise<unknown> => {
      const command = new InvokeCommand({ FunctionName: version, Payload: Buffer.from(JSON.stringify(event)) });
      const { FunctionError: failure, Payload: payload } = await lambda.send(command);
      if (failure !== undefined || payload === undefined) throw new Error('The function failed.');
      return JSON.parse(Buffer.from(payload).toString());
    },
    /** Waits a few seconds for the database to resume. */
    wait: () => setTimeout(5_000),
    /** Tells CodeDeploy to continue, or to keep the live version. */
    report: async ({ deploymentId, executionId }: Step, passed: boolean) => {
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
