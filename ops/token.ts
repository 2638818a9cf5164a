/** `npm run token -- --role manager`: creates a token in the running local stack or in a deployed stack. */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { snapshotMarker } from '../collect-lambdas/shared/owed.ts';
import { deviceSettings, formPageUrlOf, serverUrlOf } from '../collect-lambdas/shared/device-settings.ts';
import { generateToken } from '../collect-lambdas/shared/token.ts';
import { newToken } from '../collect-lambdas/tokens/request.ts';
import { ROLES } from '../db-proxy-lambda/contract.ts';
import { dbProxyBehind, localClientOptions } from '../local/local-aws.ts';
import { readRunningStack } from '../local/running-stack.ts';
import { storeToken, type NewToken } from '../local/tokens.ts';
import { UserError, runCommand } from '../local/user-error.ts';

const USAGE = `Usage: npm run token -- --role ${ROLES.join('|')} [--user-id ID] [--label TEXT] [--days N] [--stack NAME] [--qr FILE]

Without --stack, creates the token in the running local stack. With --stack, creates it in the CloudFormation stack of
that name. This uses the credentials and the region of your AWS profile, which must be allowed to invoke the stack's
db-proxy and to write to its snapshot bucket.

A collector and a device need --user-id. For a device, --qr writes the QR code that ODK Collect scans to FILE.png or
FILE.svg.`;
const OWNER_ONLY = 0o600;

/** The command's options, by the field of POST /tokens that has the same checks. */
const OPTIONS: Record<string, string> = {
  role: 'role',
  user_id: 'user-id',
  label: 'label',
  expires_in_days: 'days',
};

function readOptions(): { token: NewToken; stack: string | undefined; qr: string | undefined } {
  const { values } = parseArgs({
    options: {
      role: { type: 'string' },
      'user-id': { type: 'string' },
      label: { type: 'string', default: 'command line' },
      days: { type: 'string' },
      stack: { type: 'string' },
      qr: { type: 'string' },
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
    throw new UserError([...faults, '', USAGE].join('\n'));
  }
  const { role, user_id: userId, label = '', expires_in_days: days } = asked.data;
  const isOfCollector = role === 'collector' || role === 'device';
  if (isOfCollector !== (userId !== undefined)) {
    throw new UserError(
      `A collector's and a device's token need --user-id; other tokens must not have one.\n\n${USAGE}`,
    );
  }
  const { stack, qr } = values;
  if (qr !== undefined && (role !== 'device' || !/\.(png|svg)$/.test(qr))) {
    throw new UserError(`--qr: name a file that ends in .png or .svg, for a token of the role device.\n\n${USAGE}`);
  }
  return { token: { role, label, days, ...(userId !== undefined && { userId }) }, stack, qr };
}

/** Finds where a deployed stack stores tokens: its outputs name its db-proxy and the bucket of its snapshot. */
async function deployedTarget(stack: string) {
  const { Stacks: [found] = [] } = await new CloudFormationClient().send(
    new DescribeStacksCommand({ StackName: stack }),
  );
  const output = (name: string): string => {
    const value = found?.Outputs?.find(({ OutputKey: key }) => key === name)?.OutputValue;
    if (value === undefined) throw new UserError(`The stack ${stack} has no output ${name}.`);
    return value;
  };
  const [dbProxy, bucket] = [output('DbProxyFunction'), output('SnapshotBucket')];
  return { lambda: new LambdaClient(), dbProxy, s3: new S3Client(), bucket, address: output('ApiUrl') };
}

function localTarget() {
  const { lambda: url, dbProxy, services, snapshotBucket: bucket, api: address } = readRunningStack();
  const [lambda, s3] = [new LambdaClient(localClientOptions(url)), new S3Client(localClientOptions(services))];
  return { lambda, dbProxy, s3, bucket, address };
}

await runCommand(async () => {
  const { token: wanted, stack, qr } = readOptions();
  const { lambda, dbProxy, s3, bucket, address } = stack === undefined ? localTarget() : await deployedTarget(stack);
  const proxy = dbProxyBehind(async (request) => {
    const { Payload: reply } = await lambda.send(new InvokeCommand({ FunctionName: dbProxy, Payload: request }));
    return reply?.transformToString() ?? 'null';
  });
  const secret = generateToken();
  // POST /tokens writes a new token into the snapshot. Here the sweep does so, because it finds this marker.
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: snapshotMarker(randomUUID()), Body: '{}' }));
  const { token } = await storeToken(proxy, secret, wanted);
  console.log(`A token of the role ${token.role}, valid until ${token.expires_at}. It is shown only once:`);
  console.log(secret);
  if (token.role !== 'device') return;
  console.log(`The server address for the app: ${serverUrlOf(address, secret)}`);
  console.log(`The link that signs the phone's browser in to the form page: ${formPageUrlOf(address, secret)}`);
  if (qr === undefined) return;
  const { qr_svg: svg, qr_png: png } = deviceSettings(address, secret);
  writeFileSync(qr, qr.endsWith('.svg') ? svg : Buffer.from(png, 'base64'), { mode: OWNER_ONLY });
  console.log(`The QR code to scan in ODK Collect ("Configure with QR code") is in ${qr}. It contains the token.`);
});
