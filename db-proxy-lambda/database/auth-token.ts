import { AwsV4Signer } from 'aws4fetch';

const SECONDS_VALID = 900;

/**
 * IAM database authentication: RDS accepts a signed request "connect as this user" as a password. Signing
 * sends no request.
 *
 * @param environment has the region and the credentials, as Lambda sets them
 * @returns a URL without its scheme, as `aws rds generate-db-auth-token` prints it
 */
export async function signAuthToken(
  { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN }: NodeJS.ProcessEnv,
  { host, port, user }: { host: string; port: number; user: string },
): Promise<string> {
  const endpoint = `${host}:${port}`;
  const query = new URLSearchParams({ Action: 'connect', DBUser: user, 'X-Amz-Expires': String(SECONDS_VALID) });
  const signer = new AwsV4Signer({
    url: `https://${endpoint}/?${query.toString()}`,
    service: 'rds-db',
    region: AWS_REGION ?? '',
    accessKeyId: AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '',
    sessionToken: AWS_SESSION_TOKEN ?? '',
    signQuery: true,
  });
  return `${endpoint}/?${signer.encodedSearch}&X-Amz-Signature=${await signer.signature()}`;
}
