/** An application for tests. The events tell its functions what to do. */
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { InvokeCommandInput } from '@aws-sdk/client-lambda';
import { startHost } from '../../local/host.ts';
import type { Host } from '../../local/host.ts';
import { fixtureFolder, functionResource } from './fixture.ts';
import type { FixtureFolder } from './fixture.ts';

const HANDLERS = `
import { appendFileSync } from 'node:fs';
let invocations = 0;
export const handler = async (event, context) => {
  invocations += 1;
  console.log('saw', event.do);
  switch (event.do) {
    case 'throw': throw new TypeError('no such thing');
    case 'throw text': throw 'just text';
    case 'exit': return process.exit(7);
    case 'hang': return new Promise(() => setInterval(() => {}, 1000));
    case 'reject': Promise.reject(new RangeError('nobody waits')); return new Promise(() => {});
    case 'large': return 'x'.repeat(event.size);
    case 'cycle': { const cycle = {}; cycle.cycle = cycle; return cycle; }
    case 'nothing': return undefined;
    case 'environment': return process.env;
    case 'hold': { while (!require('node:fs').existsSync(event.file)) await new Promise((r) => setTimeout(r, 5)); return process.pid; }
    case 'record': appendFileSync(event.file, context.awsRequestId + '\\n'); if (event.fails) throw new Error('again'); return null;
    default: return { event, invocations, remaining: context.getRemainingTimeInMillis(), name: context.functionName,
      arn: context.invokedFunctionArn, requestId: context.awsRequestId, memory: context.memoryLimitInMB };
  }
};`;

const CHAIN = `
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
const client = new LambdaClient();
export const handler = async (event) => {
  const { Payload } = await client.send(new InvokeCommand({ FunctionName: process.env.TARGET, Payload: event.body }));
  return JSON.parse(Buffer.from(Payload).toString()).event;
};`;

const TEMPLATE = JSON.stringify({
  Parameters: { Greeting: { Type: 'String', Default: 'hello' } },
  Resources: {
    Any: functionResource('any/index.js', {
      Timeout: 1,
      MemorySize: 256,
      Environment: { Variables: { GREETING: { Ref: 'Greeting' }, COUNT: 3 } },
    }),
    Chain: functionResource('chain/index.js', {
      Timeout: 20,
      Environment: { Variables: { TARGET: { 'Fn::GetAtt': ['Any', 'Arn'] } } },
      Events: { Post: { Type: 'HttpApi', Properties: { Path: '/chain', Method: 'POST' } } },
    }),
    Slow: functionResource('any/index.js', { Timeout: 20 }),
    Single: functionResource('any/index.js', { Timeout: 20, ReservedConcurrentExecutions: 1 }),
    Off: functionResource('any/index.js', { ReservedConcurrentExecutions: 0 }),
    Broken: functionResource('broken/index.js'),
    Unexported: functionResource('any/index.js', { Handler: 'index.other' }),
  },
});

export interface InvokeOutcome {
  status: number | undefined;
  error: string | undefined;
  payload: unknown;
}

export interface ObedientApplication {
  folder: FixtureFolder;
  host: Host;
  client: LambdaClient;
  /** Invokes through the SDK. */
  invoke: (functionName: string, event: unknown, input?: Partial<InvokeCommandInput>) => Promise<InvokeOutcome>;
  stop: () => Promise<void>;
}

/** Starts the application with at most two environments per function. */
export async function startObedientApplication(): Promise<ObedientApplication> {
  const folder = fixtureFolder({
    'template.yaml': TEMPLATE,
    'any/index.js': HANDLERS,
    'chain/index.js': CHAIN,
    'broken/index.js': `throw new Error('cannot start'); export const handler = () => {};`,
  });
  const host = await startHost({
    templateFile: join(folder.path, 'template.yaml'),
    home: join(folder.path, 'home'),
    port: 0,
    parameters: { Greeting: 'good day' },
    functionEnvironment: { EXTRA: 'from the caller' },
    maxConcurrency: 2,
  });
  const client = new LambdaClient({
    endpoint: host.lambdaUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  return {
    folder,
    host,
    client,
    invoke: async (functionName, event, input = {}) => {
      const command = new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event), ...input });
      const { StatusCode: status, FunctionError: error, Payload: bytes } = await client.send(command);
      const body = Buffer.from(bytes ?? []).toString();
      return { status, error, payload: body === '' ? undefined : JSON.parse(body) };
    },
    stop: async () => {
      client.destroy();
      await host.stop();
      folder.remove();
    },
  };
}
