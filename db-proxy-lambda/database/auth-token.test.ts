import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { signAuthToken } from './auth-token.ts';

class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const key = typeof secret === 'string' || secret === undefined ? secret : Buffer.from(secret as Uint8Array);
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', key);
  }
  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
  reset(): void {}
}

const place = { host: 'collect.proxy-abc.eu-west-1.rds.amazonaws.com', port: 3306, region: 'eu-west-1' };
const key = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

const inOrder = (pairs: readonly unknown[]): string[] => pairs.map((pair) => JSON.stringify(pair)).toSorted();

/** The token as AWS's own signer makes it. @param time the `X-Amz-Date` of our token */
async function signedByAws(time: string, user: string, sessionToken?: string): Promise<string[]> {
  const signer = new SignatureV4({
    service: 'rds-db',
    region: place.region,
    credentials: { ...key, ...(sessionToken !== undefined && { sessionToken }) },
    sha256: Sha256,
  });
  const request = {
    method: 'GET',
    protocol: 'https:',
    hostname: place.host,
    port: place.port,
    path: '/',
    query: { Action: 'connect', DBUser: user },
    headers: { host: `${place.host}:${place.port}` },
  };
  const signingDate = new Date(time.replace(/^(....)(..)(..T..)(..)/, '$1-$2-$3:$4:'));
  const { query = {} } = await signer.presign(request, { expiresIn: 900, signingDate });
  return inOrder(Object.entries(query));
}

test.each([
  ['long-lived credentials', 'collect', undefined],
  ['temporary credentials', 'collect', 'IQoJb3JpZ2luX2VjE+/= (session)*!'],
  ['a user whose name needs encoding', "o'brien & söhne", undefined],
])("the token for %s equals the one that AWS's own signer makes", async (_what, user, sessionToken) => {
  const environment = {
    AWS_REGION: place.region,
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
  };

  const token = await signAuthToken(environment, { ...place, user });

  const [endpoint, query = ''] = token.split('/?');
  expect(endpoint).toBe(`${place.host}:3306`);
  const parameters = new URLSearchParams(query);
  const time = parameters.get('X-Amz-Date') ?? '';
  expect(inOrder([...parameters])).toEqual(await signedByAws(time, user, sessionToken));
});
