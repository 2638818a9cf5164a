/**
 * `npm run redrive -- [--stack NAME] writes|exports|tasks`: what a dead-letter queue holds goes back to its queue.
 *
 * Of the running local stack, or with `--stack NAME` of a deployed one, by the AWS credentials that are set.
 */
import { parseArgs } from 'node:util';
import { CloudFormationClient, DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { moveMessages } from './move-messages.ts';
import { readRunningStack } from '../local/running-stack.ts';

const USAGE = 'Usage: npm run redrive -- [--stack NAME] writes|exports|tasks';

/** Logical ids of template.yaml. */
const QUEUES: Record<string, { deadLetters: string; queue: string }> = {
  writes: { deadLetters: 'WriteDeadLetters', queue: 'WriteQueue' },
  exports: { deadLetters: 'ExportDeadLetters', queue: 'ExportQueue' },
  tasks: { deadLetters: 'TaskEventsDeadLetters', queue: 'TaskEventsQueue' },
};

interface Target {
  sqs: SQSClient;
  /** The URL of a queue of the stack, by its logical id. */
  find: (logicalId: string) => Promise<string>;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { stack: { type: 'string' } } });
  const [name = ''] = positionals;
  const queues = Object.hasOwn(QUEUES, name) && positionals.length === 1 ? QUEUES[name] : undefined;
  if (queues === undefined) throw new Error(USAGE);
  const { sqs, find } = values.stack === undefined ? localTarget() : deployedTarget(values.stack);
  const [from, to] = [await find(queues.deadLetters), await find(queues.queue)];
  let moved = 0;
  for await (const { messageId, reason } of moveMessages(sqs, from, to)) {
    moved += 1;
    console.log(`${messageId}  ${reason ?? 'It was given up after its tries.'}`);
  }
  console.log(`${moved} of ${queues.deadLetters} moved back to ${queues.queue}.`);
}

function deployedTarget(stack: string): Target {
  const cloudFormation = new CloudFormationClient();
  return {
    sqs: new SQSClient(),
    find: async (logicalId) => {
      const command = new DescribeStackResourceCommand({ StackName: stack, LogicalResourceId: logicalId });
      const { StackResourceDetail: resource } = await cloudFormation.send(command);
      return found(resource?.PhysicalResourceId, logicalId);
    },
  };
}

/** The local stack takes any credentials. @throws {Error} when none is running */
function localTarget(): Target {
  const sqs = new SQSClient({
    endpoint: readRunningStack().services,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  return {
    sqs,
    find: async (logicalId) => {
      const { QueueUrl: url } = await sqs.send(new GetQueueUrlCommand({ QueueName: `collect-${logicalId}` }));
      return found(url, logicalId);
    },
  };
}

function found(url: string | undefined, logicalId: string): string {
  if (url === undefined) throw new Error(`The stack has no queue ${logicalId}.`);
  return url;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
