import * as z from 'zod';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import type { Step } from './dependencies.ts';
import { createHandler } from './handler.ts';
import { versionVariable } from './smoke-events.ts';

const GOOD = z.object({ statusCode: z.literal([200, 404]) });
const step = { DeploymentId: 'd-1', LifecycleEventHookExecutionId: 'e-1' };

function hook(replies: Record<string, unknown>) {
  const reports: [Step, boolean][] = [];
  const logger = new RecordingLogger();
  const handler = createHandler({
    logger,
    smokes: Object.keys(replies).map((version) => ({ variable: version, version, event: {}, reply: GOOD })),
    invoke: (version) => {
      const left = replies[version];
      const reply = Array.isArray(left) ? left.shift() : left;
      return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);
    },
    wait: () => Promise.resolve(),
    report: (reported, passed) => {
      reports.push([reported, passed]);
      return Promise.resolve();
    },
  });
  return { handler, reports, logger };
}

test('versions that all reply correctly get traffic', async () => {
  const { handler, reports } = hook({ 'collect:7': { statusCode: 200 }, 'hello:3': { statusCode: 404 } });

  expect(await handler(step)).toEqual({ passed: true });

  expect(reports).toEqual([[{ deploymentId: 'd-1', executionId: 'e-1' }, true]]);
});

test('a version that replies correctly once the database has resumed gets traffic', async () => {
  const waking = { statusCode: 503 };
  const { handler } = hook({ 'collect:7': [waking, waking, { statusCode: 200 }] });

  expect(await handler(step)).toEqual({ passed: true });
});

test.each([
  ['replies with an error', { statusCode: 503 }],
  ['replies with something other than an HTTP response', 'hello'],
  ['crashes', new Error('secret')],
])('a version that %s stops the deployment and is named in the log', async (_what, reply) => {
  const { handler, reports, logger } = hook({ 'collect:7': { statusCode: 200 }, 'forms:4': reply });

  expect(await handler(step)).toEqual({ passed: false });

  expect(reports).toEqual([[{ deploymentId: 'd-1', executionId: 'e-1' }, false]]);
  expect(logger.text).toContain('forms:4');
  expect(logger.text).not.toContain('secret');
});

test('an event that is not from CodeDeploy is refused', async () => {
  const { handler, reports } = hook({});

  await expect(handler({})).rejects.toThrow('DeploymentId');

  expect(reports).toEqual([]);
});

test('the variable of a Lambda whose name has a hyphen has an underscore, because Lambda allows no hyphen there', () => {
  expect(versionVariable('form-page')).toBe('FORM_PAGE_VERSION');
});
