import { isPublicAddress, urlFault } from './address.ts';

test.each([
  '127.0.0.1',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '198.18.0.1',
  '192.0.2.1',
  '::',
  '::1',
  '::ffff:10.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:a9fe:a9fe',
  '::127.0.0.1',
  '64:ff9b::10.0.0.1',
  '2002:a00:1::',
  'fe80::1',
  'fc00::1',
  'fd00:ec2::254',
  'fec0::1',
  'ff02::1',
  'nothing',
])('%s is not a public address', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(['93.184.215.14', '8.8.8.8', '::ffff:8.8.8.8', '2606:4700:4700::1111'])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  'http://example.org/',
  'ftp://example.org/',
  'example.org',
  'https://user:secret@example.org/',
  'https://127.0.0.1/',
  'https://0x7f.1/',
  'https://2130706433/',
  'https://[::ffff:10.0.0.1]/',
  'https://169.254.169.254/latest/meta-data',
  `https://example.org/${'x'.repeat(2_000)}`,
])('%s is refused', (url) => {
  expect(urlFault(url, false)).toMatch(/^(Send|Leave out)/);
});

test.each(['https://example.org/collect?key=1', 'https://8.8.8.8:8443/', 'https://[2606:4700:4700::1111]/'])(
  '%s is accepted',
  (url) => {
    expect(urlFault(url, false)).toBeUndefined();
  },
);

test('the local stack may send to its own machine, and nowhere else that is private', () => {
  expect(urlFault('http://127.0.0.1:4000/', true)).toBeUndefined();
  expect(urlFault('http://[::1]:4000/', true)).toBeUndefined();
  expect(urlFault('http://10.0.0.1/', true)).toMatch(/public address/);
});
