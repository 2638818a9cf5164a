/** Signs requests to AWS (Signature Version 4). */
import { createHmac, hash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';

export type Credentials = ReturnType<typeof credentialsOf>;

/** @param environment holds the region and the credentials, as Lambda sets them */
export function credentialsOf(
  service: string,
  { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN }: NodeJS.ProcessEnv,
) {
  return {
    service,
    region: AWS_REGION ?? '',
    accessKeyId: AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '',
    sessionToken: AWS_SESSION_TOKEN ?? '',
  };
}

/** The address of a service in the environment's region. @param name such as `lambda` */
export function addressIn({ AWS_REGION: region = '' }: NodeJS.ProcessEnv, name: string): string {
  return `https://${name}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

/** The headers of a request, with its signature. */
export async function signedHeaders(
  credentials: Credentials,
  {
    method,
    url,
    headers,
    body,
  }: { method: string; url: string; headers: Record<string, string>; body: string | Uint8Array },
): Promise<Record<string, string>> {
  const digest = { 'x-amz-content-sha256': hash('sha256', body) };
  const signer = new Signer({ ...credentials, method, url, headers: { ...headers, ...digest } });
  return Object.fromEntries((await signer.sign()).headers);
}

/** Signs on this thread. WebCrypto, which the base class uses, queues three jobs for each signature. */
class Signer extends AwsV4Signer {
  override async signature(): Promise<string> {
    const scope = this.credentialString.split('/');
    const key = scope.reduce<string | Buffer>(hmac, `AWS4${this.secretAccessKey}`);
    return hmac(key, await this.stringToSign()).toString('hex');
  }

  override async stringToSign(): Promise<string> {
    const request = hash('sha256', await this.canonicalString());
    return ['AWS4-HMAC-SHA256', this.datetime, this.credentialString, request].join('\n');
  }
}

const hmac = (key: string | Buffer, content: string): Buffer => createHmac('sha256', key).update(content).digest();
