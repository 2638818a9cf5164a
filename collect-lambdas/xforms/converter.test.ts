import { readConversion } from './converter.ts';

test.each([
  [{ errorType: 'Sandbox.Timedout', errorMessage: 'RequestId: 1 Error: Task timed out after 20.00 seconds' }],
  [{ errorMessage: '2026-09-01T06:00:00Z 1 Task timed out after 20.00 seconds' }],
  [{ errorType: 'Runtime.OutOfMemory', errorMessage: 'RequestId: 1 Error: Runtime exited' }],
  [{ errorType: 'Runtime.ExitError', errorMessage: 'RequestId: 1 Error: Runtime exited with error: signal: killed' }],
])('a workbook that exhausts the function is refused with advice (%j)', (failure) => {
  expect(readConversion(true, JSON.stringify(failure))).toEqual({
    ok: false,
    reason: 'workbook',
    message: expect.stringContaining('Remove empty rows'),
  });
});

test('a machine without Python is reported as not installed', () => {
  const failure = { errorType: 'Runtime.InvalidEntrypoint', errorMessage: 'spawn python3 ENOENT' };

  expect(readConversion(true, JSON.stringify(failure))).toMatchObject({ ok: false, reason: 'not-installed' });
});

test('any other failure is an error', () => {
  expect(() => readConversion(true, '{"errorType":"KeyError","errorMessage":"xlsx"}')).toThrow('KeyError');
  expect(() => readConversion(false, '{"ok":true}')).toThrow('xform');
});

test('a conversion is read', () => {
  const reply = { ok: true, xform: '<a/>', warnings: ['b'], itemsets: null };

  expect(readConversion(false, JSON.stringify(reply))).toEqual(reply);
});
