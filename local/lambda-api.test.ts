import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../tests/support/fixture.ts';
import { startObedientApplication } from '../tests/support/obedient-application.ts';
import type { ObedientApplication } from '../tests/support/obedient-application.ts';

let application: ObedientApplication;
let invoke: ObedientApplication['invoke'];

beforeAll(async () => {
  application = await startObedientApplication();
  ({ invoke } = application);
});
afterAll(() => application.stop());
afterEach(() => application.host.faults.clear());

describe('the Invoke API', () => {
  test('runs an event in the background, and retries it twice when it fails', async () => {
    const file = join(application.folder.path, 'recorded');
    const event = { do: 'record', file, fails: true };
    const { status, payload } = await invoke('collect-Slow', event, { InvocationType: 'Event' });

    expect({ status, payload }).toEqual({ status: 202, payload: undefined });
    const lines = await eventually(() => {
      const recorded = readFileSync(file, { encoding: 'utf8', flag: 'a+' }).trim().split('\n');
      return recorded.length >= 3 && recorded;
    });
    expect(lines).toHaveLength(3);
  });

  test('checks an invoke without running it', async () => {
    const { status } = await invoke('collect-Broken', {}, { InvocationType: 'DryRun' });
    expect(status).toBe(204);
  });

  test.each([
    ['a missing function', 'collect-None', {}, 'ResourceNotFoundException', 404],
    ['a request over 6 MB', 'collect-Any', { text: 'x'.repeat(6_300_000) }, 'RequestTooLargeException', 413],
  ])('refuses %s', async (_what, name, event, error, status) => {
    await expect(invoke(name, event)).rejects.toMatchObject({
      name: error,
      $metadata: { httpStatusCode: status },
    });
  });

  test('refuses an event over 1 MB and a payload that is not JSON', async () => {
    await expect(
      invoke('collect-Any', { text: 'x'.repeat(1_100_000) }, { InvocationType: 'Event' }),
    ).rejects.toMatchObject({ name: 'RequestTooLargeException' });
    await expect(invoke('collect-Any', {}, { Payload: '{' })).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
    });
  });

  test('fails as many times as a test requests', async () => {
    application.host.faults.inject('collect-Any', { kind: 'throttle', times: 2 });
    application.host.faults.inject('collect-Any', { kind: 'unavailable', times: 1 });

    await expect(invoke('collect-Any', {})).rejects.toMatchObject({ name: 'TooManyRequestsException' });
    await expect(invoke('collect-Any', {})).rejects.toMatchObject({ name: 'TooManyRequestsException' });
    await expect(invoke('collect-Any', {})).rejects.toMatchObject({ name: 'ServiceException' });
    expect(await invoke('collect-Any', {})).toMatchObject({ status: 200 });
  });

  test('drops the connection before the function runs, or in the middle of its reply', async () => {
    const file = join(application.folder.path, 'dropped');
    const event = { do: 'record', file };
    application.host.faults.inject('collect-Any', { kind: 'drop-request', times: 1 });
    application.host.faults.inject('collect-Any', { kind: 'drop-reply', times: 1 });

    await expect(invoke('collect-Any', event)).rejects.toThrow(/socket hang up|aborted/);
    expect(() => readFileSync(file)).toThrow('ENOENT');
    await expect(invoke('collect-Any', event)).rejects.toThrow(/socket hang up|aborted/);
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(1);
  });

  test('delays a reply', async () => {
    application.host.faults.inject('collect-Any', { kind: 'delay', times: 1, milliseconds: 300 });
    const start = Date.now();
    await invoke('collect-Any', {});
    expect(Date.now() - start).toBeGreaterThanOrEqual(299);
  });
});
