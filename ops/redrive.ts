/**
 * `npm run redrive -- [--stack NAME] writes|exports|rejudges|tasks|uploads`: moves dead letters back to their queue and
 * prints why each had failed. It uses the running local stack, or with `--stack` a deployed stack with your AWS
 * credentials.
 */
import { parseArgs } from 'node:util';
import { CloudFormationClient, DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { localClientOptions } from '../local/local-aws.ts';
import { readRunningStack } from '../local/running-stack.ts';
import { UserError, runCommand } from '../local/user-error.ts';
import { moveMessages } from './move-messages.ts';

const USAGE = 'Usage: npm run redrive -- [--stack NAME] writes|exports|rejudges|tasks|uploads';

/** Logical ids in template.yaml. */
const QUEUES: Record<string, { deadLetters: string; queue: string }> = {
  writes: { deadLetters: 'WriteDeadLetters', queue: 'WriteQueue' },
  exports: { deadLetters: 'ExportDeadLetters', queue: 'ExportQueue' },
  rejudges: { deadLetters: 'RejudgeDeadLetters', queue: 'RejudgeQueue' },
  tasks: { deadLetters: 'TaskEventsDeadLetters', queue: 'TaskEventsQueue' },
  uploads: { deadLetters: 'UploadsDeadLetters', queue: 'UploadsQueue' },
};

interface Target {
  sqs: SQSClient;
  /** The URL of a queue of the stack, by its logical id. */
  urlOf: (logicalId: string) => Promise<string | undefined>;
}

function deployedTarget(stack: string): Target {
  const cloudFormation = new CloudFormationClient();
  return {
    sqs: new SQSClient(),
    urlOf: async (logicalId) => {
      const command = new DescribeStackResourceCommand({ StackName: stack, LogicalResourceId: logicalId });
      return (await cloudFormation.send(command)).StackResourceDetail?.PhysicalResourceId;
    },
  };
}

function localTarget(): Target {
  const sqs = new SQSClient(localClientOptions(readRunningStack().services));
  return {
    sqs,
    urlOf: async (logicalId) =>
      (await sqs.send(new GetQueueUrlCommand({ QueueName: `collect-${logicalId}` }))).QueueUrl,
  };
}

await runCommand(async () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { stack: { type: 'string' } } });
  const [name = ''] = positionals;
  const queues = Object.hasOwn(QUEUES, name) && positionals.length === 1 ? QUEUES[name] : undefined;
  if (queues === undefined) throw new UserError(USAGE);
  const { sqs, urlOf } = values.stack === undefined ? localTarget() : deployedTarget(values.stack);
  const [from, to] = [await urlOf(queues.deadLetters), await urlOf(queues.queue)];
  if (from === undefined || to === undefined) throw new UserError(`The stack has no queue for ${name}.`);
  let moved = 0;
  for await (const { messageId, reason } of moveMessages(sqs, from, to)) {
    moved += 1;
    console.log(`${messageId}  ${reason ?? 'It failed at every try.'}`);
  }
  console.log(`${moved} messages moved from ${queues.deadLetters} to ${queues.queue}.`);
});
