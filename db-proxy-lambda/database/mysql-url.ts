/** The address of a MySQL or MariaDB server as a URL, and how the connection to it is encrypted. */
import { readFileSync } from 'node:fs';
import { encryptionFor, VERIFY_IDENTITY, type Encryption, type Verification } from './tls.ts';

export interface MysqlAddress {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  ssl?: Encryption;
}

const MODES: Record<string, Verification | null> = {
  DISABLED: null,
  REQUIRED: { rejectUnauthorized: false, verifyIdentity: false },
  VERIFY_CA: { rejectUnauthorized: true, verifyIdentity: false },
  VERIFY_IDENTITY,
};
const PARAMETERS = ['ssl-mode', 'ssl-ca'];

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/i;

/**
 * Reads `mysql://user:password@host:port/name`, with `?ssl-mode=` as MySQL's clients know it (DISABLED, REQUIRED, VERIFY_CA,
 * VERIFY_IDENTITY) and `&ssl-ca=` for a file with the authorities to trust. The default is VERIFY_IDENTITY, and DISABLED on
 * the loopback.
 *
 * @param certificates of the authorities to trust (PEM), if the URL names no file
 * @returns undefined for any other URL
 * @throws {Error} if a parameter is unknown or unusable; the message never repeats the URL, which may hold a password
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
    throw new Error('With ssl-ca or DATABASE_CA, the ssl-mode of DATABASE_URL must be VERIFY_CA or VERIFY_IDENTITY.');
  }
  if (mode === null) return undefined;
  return encryptionFor(host, mode, given === '' ? undefined : splitCertificates(given));
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error('The ssl-ca of DATABASE_URL must name a file that can be read.', { cause: error });
  }
}

/** The certificates in a text. Its line breaks may be lost, as in a stack parameter. */
function splitCertificates(text: string): string[] {
  const found = [...text.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g)];
  if (found.length === 0) throw new Error('ssl-ca or DATABASE_CA holds no certificate (PEM).');
  return found.map(([, body = '']) => {
    const lines = body.replace(/\s/g, '').match(/.{1,64}/g) ?? [];
    return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
  });
}
