import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '../../tests/support/sha256.ts';
import { addressIn, credentialsOf, signedHeaders } from './sign-request.ts';

const environment = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  AWS_SESSION_TOKEN: 'a/session+token=',
};

test('an invocation has the signature of the SDK', async () => {
  const credentials = credentialsOf('lambda', environment);
  const path =
    '/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Aproxy%3Alive/invocations';
  const url = `${addressIn(environment, 'lambda')}${path}`;
  const body = '{"operation":"ping","input":{"ä":"🏠"}}';
  const signed = await signedHeaders(credentials, { method: 'POST', url, headers: { 'x-custom': 'a' }, body });

  const { authorization, 'x-amz-date': date = '', ...headers } = signed;
  const signer = new SignatureV4({ ...credentials, credentials, sha256: Sha256 });
  const { hostname } = new URL(url);
  const request = { protocol: 'https:', hostname, path, method: 'POST', headers: { ...headers, host: hostname }, body };
  const time = date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5');
  const expected = await signer.sign(request, { signingDate: new Date(time) });

  expect(hostname).toBe('lambda.eu-west-1.amazonaws.com');
  expect(authorization).toBe(expected.headers['authorization']);
});
