/** Why a connection failed, in words for the manager of a webhook. */

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'The name of the receiver has no address.',
  EAI_AGAIN: 'The name of the receiver could not be resolved.',
  ECONNREFUSED: 'The receiver refused the connection.',
  ECONNRESET: 'The receiver closed the connection without a reply.',
  CERT_HAS_EXPIRED: 'The certificate of the receiver has expired.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate of the receiver is for another name.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The receiver signed its certificate itself.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate of the receiver comes from an unknown authority.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The certificate of the receiver comes from an unknown authority.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'The certificate of the receiver comes from an unknown authority.',
  EPROTO: 'The receiver does not speak TLS as it should.',
};

/** @param error of Node's sockets; its message is left out, because it may contain the path of the URL */
export function reasonOf(error: unknown): string {
  const code = Error.isError(error) && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const known = code === undefined ? undefined : REASONS[code];
  return known ?? `The connection to the receiver failed${code === undefined ? '' : ` (${code})`}.`;
}
