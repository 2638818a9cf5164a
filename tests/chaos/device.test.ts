import { statusName } from './device.ts';

test('a function’s 500 is counted separately from API Gateway’s 500 for a killed function', () => {
  expect(statusName({ status: 500, body: '{"type":"urn:collect:problem:internal"}' })).toBe('500');
  expect(statusName({ status: 500, body: '{"message":"Internal Server Error"}' })).toBe('500 by API Gateway');
  expect(statusName(undefined)).toBe('none');
});
