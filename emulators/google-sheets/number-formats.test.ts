import { showTime } from './number-formats.ts';

test.each([
  [46_266.25, 'yyyy-mm-dd hh:mm:ss" UTC"', '2026-09-01 06:00:00 UTC'],
  [46_266, 'dd/mm/yyyy', '01/09/2026'],
  [2.5, '"mm" yyyy-mm-dd hh:mm', 'mm 1900-01-01 12:00'],
  [46_266.999_999_9, 'yyyy-mm-dd', '2026-09-02'],
])('the serial number %d in the format %s is shown as %s', (serial, pattern, shown) => {
  expect(showTime(serial, pattern)).toBe(shown);
});
