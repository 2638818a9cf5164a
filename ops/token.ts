/** `npm run token -- --role manager`: makes a token, on this machine's running stack or in a deployed one. */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { generateToken } from '../collect-lambdas/shared/token.ts';
import { snapshotMarker } from '../collect-lambdas/shared/owed.ts';
import { newToken } from '../collect-lambdas/tokens/request.ts';
import { ROLES } from '../db-proxy-lambda/contract.ts';
import { readRunningStack } from '../local/running-stack.ts';
import { storeToken, type InvokeProxy, type NewToken } from '../local/tokens.ts';

const USAGE = `Usage: npm run token -- --role ${ROLES.join('|')} [--user-id ID] [--label TEXT] [--days N] [--stack NAME]

Without --stack: on the stack that runs on this machine. With it: in the CloudFormation stack of that name, by the
credentials and the region of your AWS profile, which must be allowed to invoke its db-proxy and to write into its
snapshot bucket.`;
/** The options by the fields of POST /tokens that they are checked as. */
const OPTIONS: Record<string, string> = {
  role: 'role',
  user_id: 'user-id',
  label: 'label',
  expires_in_days: 'days',
};

function readOptions(): { token: NewToken; stack: string | undefined } {
  const { values } = parseArgs({
    options: {
      role: { type: 'string' },
      'user-id': { type: 'string' },
      label: { type: 'string', default: 'command line' },
      days: { type: 'string' },
      stack: { type: 'string' },
    },
  });
  const asked = newToken.safeParse({
    role: values.role,
    user_id: values['user-id'],
    label: values.label,
    expires_in_days: values.days === undefined ? undefined : Number(values.days),
  });
  if (!asked.success) {
    const faults = asked.error.issues.map(({ path: [field], message }) => `--${OPTIONS[String(field)]}: ${message}`);
    throw new Error([...faults, '', USAGE].join('\n'));
  }
  const { role, user_id: userId, label = '', expires_in_days: days } = asked.data;
  if ((role === 'collector') !== (userId !== undefined)) {
    throw new Error(`A collector's token, and no other, needs --user-id.\n\n${USAGE}`);
  }
  return { token: { role, label, days, ...(userId !== undefined && { userId }) }, stack: values.stack };
}

/** Where a stack stores tokens: its db-proxy, and the bucket of its snapshot. */
interface Target {
  lambda: LambdaClient;
  dbProxy: string;
  s3: S3Client;
  bucket: string;
}

/** Those of a deployed stack, as its outputs name them. */
async function deployedTarget(stack: string): Promise<Target> {
  const { Stacks: stacks = [] } = await new CloudFormationClient().send(
    new DescribeStacksCommand({ StackName: stack }),
  );
  const output = (name: string): string => {
    const found = stacks[0]?.Outputs?.find(({ OutputKey: key }) => key === name);
    if (found?.OutputValue === undefined) throw new Error(`The stack ${stack} names no ${name}.`);
    return found.OutputValue;
  };
  const [dbProxy, bucket] = [output('DbProxyFunction'), output('SnapshotBucket')];
  return { lambda: new LambdaClient(), dbProxy, s3: new S3Client(), bucket };
}

function localTarget(): Target {
  const { lambda, dbProxy, services, snapshotBucket: bucket } = readRunningStack();
  const options = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  return {
    lambda: new LambdaClient({ ...options, endpoint: lambda }),
    dbProxy,
    s3: new S3Client({ ...options, endpoint: services, forcePathStyle: true }),
    bucket,
  };
}

async function makeToken(): Promise<void> {
  const { token: wanted, stack } = readOptions();
  const { lambda, dbProxy, s3, bucket } = stack === undefined ? localTarget() : await deployedTarget(stack);
  const invoke: InvokeProxy = async (request) => {
    const command = new InvokeCommand({ FunctionName: dbProxy, Payload: Buffer.from(JSON.stringify(request)) });
    const { Payload: payload } = await lambda.send(command);
    return JSON.parse(payload?.transformToString() ?? 'null');
  };
  const secret = generateToken();
  // The token is stored past TokensFunction: by this the sweep brings it into the snapshot.
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: snapshotMarker(randomUUID()), Body: '{}' }));
  const { token } = await storeToken(invoke, secret, wanted);
  console.log(`A token of the role ${token.role}, good until ${token.expires_at}; it is shown this once:`);
  console.log(secret);
}

try {
  await makeToken();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
