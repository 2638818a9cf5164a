/** `npm run drift` against a fake of CloudFormation's API (Query protocol, 2010-05-15). */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { devNull } from 'node:os';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { portOf } from '../support/port-of.ts';

interface StackState {
  /** Nested stacks, by the id that CloudFormation gives them. */
  nested?: string[];
  /** Replies to DescribeStackDriftDetectionStatus, in order. */
  detection?: string[];
  /** Resources that differ, as the members of DescribeStackResourceDrifts. */
  drifts?: string;
}

const NESTED = 'arn:aws:cloudformation:us-east-1:123456789012:stack/collect-Database-1A2B/5f3c';
const MODIFIED = `<member>
  <StackId>x</StackId><LogicalResourceId>ExportQueue</LogicalResourceId><ResourceType>AWS::SQS::Queue</ResourceType>
  <StackResourceDriftStatus>MODIFIED</StackResourceDriftStatus><Timestamp>2026-09-01T06:00:00Z</Timestamp>
  <PropertyDifferences><member>
    <PropertyPath>/VisibilityTimeout</PropertyPath><ExpectedValue>960</ExpectedValue><ActualValue>30</ActualValue>
    <DifferenceType>NOT_EQUAL</DifferenceType>
  </member></PropertyDifferences>
</member>`;
const DELETED = `<member>
  <StackId>x</StackId><LogicalResourceId>Instance</LogicalResourceId><ResourceType>AWS::RDS::DBInstance</ResourceType>
  <StackResourceDriftStatus>DELETED</StackResourceDriftStatus><Timestamp>2026-09-01T06:00:00Z</Timestamp>
</member>`;

let server: Server;
let stacks: Record<string, StackState>;
let asked: URLSearchParams[];
beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => void serve(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parameters = new URLSearchParams(await text(request));
  asked.push(parameters);
  const { status, body } = reply(parameters);
  response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
}

function reply(parameters: URLSearchParams): { status: number; body: string } {
  const action = parameters.get('Action') ?? '';
  // This fake uses the stack's name as the id of a detection.
  const name = parameters.get('StackName') ?? parameters.get('StackDriftDetectionId') ?? '';
  const state = stacks[name];
  if (state === undefined) {
    const message = `Stack with id ${name} does not exist`;
    return {
      status: 400,
      body: `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>${message}</Message></Error></ErrorResponse>`,
    };
  }
  const result = RESULTS[action]?.(name, state) ?? '';
  return { status: 200, body: `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>` };
}

const resource = (name: string, id: string, type: string): string =>
  `<member><LogicalResourceId>${name}</LogicalResourceId><PhysicalResourceId>${id}</PhysicalResourceId>` +
  `<ResourceType>${type}</ResourceType></member>`;

const RESULTS: Record<string, (name: string, state: StackState) => string> = {
  ListStackResources: (_name, { nested = [] }) => {
    const stackResources = nested.map((id) => resource('Database', id, 'AWS::CloudFormation::Stack'));
    const all = [resource('Queue', 'queue', 'AWS::SQS::Queue'), ...stackResources];
    return `<StackResourceSummaries>${all.join('')}</StackResourceSummaries>`;
  },
  DetectStackDrift: (name) => `<StackDriftDetectionId>${name}</StackDriftDetectionId>`,
  DescribeStackDriftDetectionStatus: (name, state) =>
    `<StackId>${name}</StackId><StackDriftDetectionId>${name}</StackDriftDetectionId>` +
    `<DetectionStatus>${state.detection?.shift() ?? 'DETECTION_COMPLETE'}</DetectionStatus>` +
    '<DetectionStatusReason>No permission to read it.</DetectionStatusReason>' +
    '<Timestamp>2026-09-01T06:00:00Z</Timestamp>',
  DescribeStackResourceDrifts: (_name, { drifts = '' }) => `<StackResourceDrifts>${drifts}</StackResourceDrifts>`,
};

async function drift(...args: string[]): Promise<{ status: number; printed: string }> {
  const environment = {
    PATH: process.env['PATH'],
    AWS_ENDPOINT_URL_CLOUDFORMATION: `http://127.0.0.1:${portOf(server)}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    DRIFT_POLL_MILLISECONDS: '1',
  };
  try {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['local/preflight.mjs', 'ops/drift.ts', ...args],
      { env: environment },
    );
    return { status: 0, printed: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, printed: stdout + stderr };
  }
}

test('stacks, also nested stacks, are in sync if they match their templates', async () => {
  stacks = { collect: { nested: [NESTED] }, [NESTED]: {} };

  const { status, printed } = await drift();

  expect([status, printed]).toEqual([0, 'collect: in sync\ncollect-Database-1A2B: in sync\n']);
});

test('a difference in a nested stack is printed with the template’s value and the deployed value', async () => {
  stacks = { prod: { nested: [NESTED] }, [NESTED]: { drifts: MODIFIED + DELETED } };

  const { status, printed } = await drift('prod');

  expect(status).toBe(1);
  expect(printed.split('\n')).toEqual([
    'prod: in sync',
    'collect-Database-1A2B: DRIFTED',
    '  ExportQueue MODIFIED',
    '    /VisibilityTimeout: template 960, deployed 30',
    '  Instance DELETED',
    '',
  ]);
});

test('the command waits for a slow detection', async () => {
  stacks = { collect: { detection: ['DETECTION_IN_PROGRESS', 'DETECTION_IN_PROGRESS', 'DETECTION_COMPLETE'] } };

  const { status } = await drift();

  expect(status).toBe(0);
  expect(asked.map((each) => each.get('Action'))).toEqual([
    'ListStackResources',
    'DetectStackDrift',
    'DescribeStackDriftDetectionStatus',
    'DescribeStackDriftDetectionStatus',
    'DescribeStackDriftDetectionStatus',
    'DescribeStackResourceDrifts',
  ]);
});

test('the command requests only resources that differ', async () => {
  stacks = { collect: {} };

  await drift();

  const filters = [...(asked.at(-1) ?? [])].filter(([key]) => key.startsWith('StackResourceDriftStatusFilters'));
  expect(filters.map(([, value]) => value)).toEqual(['MODIFIED', 'DELETED']);
});

test('a failed detection prints why and exits with an error', async () => {
  stacks = { collect: { detection: ['DETECTION_FAILED'] } };

  const { status, printed } = await drift();

  expect(status).not.toBe(0);
  expect(printed).toContain('collect: No permission to read it.');
});

test('the error names a stack that does not exist', async () => {
  stacks = {};

  const { status, printed } = await drift('collekt');

  expect(status).not.toBe(0);
  expect(printed).toContain('Stack with id collekt does not exist');
});
