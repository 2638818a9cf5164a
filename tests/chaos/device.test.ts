import { statusName } from './device.ts';

test('a 500 of a function is counted apart from the one that API Gateway sends for a killed function', () => {
  expect(statusName({ status: 500, body: '{"type":"urn:collect:problem:internal"}' })).toBe('500');
  expect(statusName({ status: 500, body: '{"message":"Internal Server Error"}' })).toBe('500 by API Gateway');
  expect(statusName(undefined)).toBe('none');
});
