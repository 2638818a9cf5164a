import { createHash, createHmac } from 'node:crypto';
import { createFileLinks } from './presigned-links.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const ENVIRONMENT = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: SECRET,
  AWS_SESSION_TOKEN: 'a/session+token=',
};
const KEY = 'uploads/a b/c';
const SHA256 = createHash('sha256').update('photo').digest('hex');
const links = createFileLinks('kept', ENVIRONMENT);

const hmac = (key: string | Buffer, content: string): Buffer => createHmac('sha256', key).update(content).digest();
const encode = (value: string): string =>
  encodeURIComponent(value).replaceAll(/[!'()*]/g, (each) => `%${each.codePointAt(0)?.toString(16).toUpperCase()}`);

/** The signature that S3 computes for a request with these headers: "Authenticating Requests: Using Query Parameters". */
function signatureOf(method: string, link: string, headers: Record<string, string>): string {
  const { host, pathname, searchParams } = new URL(link);
  const signed = searchParams.get('X-Amz-SignedHeaders') ?? '';
  const time = searchParams.get('X-Amz-Date') ?? '';
  const query = [...searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted();
  const all: Record<string, string> = { ...headers, host };
  const canonical = signed.split(';').map((name) => `${name}:${all[name] ?? ''}\n`);
  const request = [method, pathname, query.join('&'), canonical.join(''), signed, 'UNSIGNED-PAYLOAD'].join('\n');
  const scope = `${time.slice(0, 8)}/eu-west-1/s3/aws4_request`;
  const key = ['eu-west-1', 's3', 'aws4_request'].reduce(hmac, hmac(`AWS4${SECRET}`, time.slice(0, 8)));
  const digest = createHash('sha256').update(request).digest('hex');
  return hmac(key, ['AWS4-HMAC-SHA256', time, scope, digest].join('\n')).toString('hex');
}
const sentSignature = (link: string) => new URL(link).searchParams.get('X-Amz-Signature');

test('an upload is signed with its size, hash and type: S3 refuses another header, and a body that differs from them', async () => {
  const { url, headers } = await links.toUpload(KEY, { bytes: 5, sha256: SHA256, type: 'image/jpeg' }, 900);

  expect(headers).toEqual({
    'content-length': '5',
    'content-type': 'image/jpeg',
    'x-amz-checksum-sha256': createHash('sha256').update('photo').digest('base64'),
  });
  expect(url).toMatch(/^https:\/\/kept\.s3\.eu-west-1\.amazonaws\.com\/uploads\/a%20b\/c\?/);
  const query = new URL(url).searchParams;
  expect(query.get('X-Amz-SignedHeaders')).toBe('content-length;content-type;host;x-amz-checksum-sha256');
  expect(query.get('X-Amz-Expires')).toBe('900');
  expect(query.get('X-Amz-Security-Token')).toBe('a/session+token=');
  expect(sentSignature(url)).toBe(signatureOf('PUT', url, headers));
  for (const change of [
    { 'content-length': '6' },
    { 'x-amz-checksum-sha256': 'AAAA' },
    { 'content-type': 'text/html' },
  ]) {
    expect(sentSignature(url)).not.toBe(signatureOf('PUT', url, { ...headers, ...change }));
  }
});

test.each([
  ['image/jpeg', "inline; filename*=UTF-8''it%27s%20%C3%A9%20%281%29.jpg"],
  ['image/svg+xml', "attachment; filename*=UTF-8''it%27s%20%C3%A9%20%281%29.jpg"],
  ['text/html', "attachment; filename*=UTF-8''it%27s%20%C3%A9%20%281%29.jpg"],
])('a download of the type %s has the type and name of the file', async (type, disposition) => {
  const link = await links.toDownload(KEY, { name: "it's é (1).jpg", type }, 60);

  const query = new URL(link).searchParams;
  expect(query.get('response-content-disposition')).toBe(disposition);
  expect(query.get('response-content-type')).toBe(type);
  expect(sentSignature(link)).toBe(signatureOf('GET', link, {}));
});

test('links lead to the local S3 if the environment names one', async () => {
  const local = createFileLinks('kept', { ...ENVIRONMENT, AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9000/' });

  expect(await local.toDownload(KEY, { name: 'a', type: 'image/png' }, 60)).toMatch(
    /^http:\/\/127\.0\.0\.1:9000\/kept\/uploads\/a%20b\/c\?/,
  );
});
