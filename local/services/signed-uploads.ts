/** The headers that a presigned PUT signs, which bind it to one content. S3 checks them, and fauxqs does not. */
import { hash } from 'node:crypto';
import { IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { AwsV4Signer } from 'aws4fetch';

/** The credentials with which the functions sign. */
export interface Signer {
  accessKeyId: string;
  secretAccessKey: string;
}

/**
 * Refuses a presigned PUT if its headers are not the signed ones (403), or if the hash of its body is not its
 * `x-amz-checksum-sha256` (400).
 */
export function withSignedUploads(listener: RequestListener, signer: Signer): RequestListener {
  return (request, response) => {
    const address = new URL(request.url ?? '', `http://${request.headers.host}`);
    if (request.method !== 'PUT' || !address.searchParams.has('X-Amz-Signature')) listener(request, response);
    else {
      // The client closed the connection in the middle of the body.
      check(request, response, { listener, address, signer }).catch(() => response.destroy());
    }
  };
}

async function check(
  request: IncomingMessage,
  response: ServerResponse,
  { listener, address, signer }: { listener: RequestListener; address: URL; signer: Signer },
): Promise<void> {
  const body = await buffer(request);
  const checksum = request.headers['x-amz-checksum-sha256'];
  if ((await signatureOf(request, address, signer)) !== address.searchParams.get('X-Amz-Signature')) {
    refuse(
      response,
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided.',
    );
  } else if (checksum !== undefined && checksum !== hash('sha256', body, 'base64')) {
    refuse(response, 400, 'BadDigest', 'The SHA256 you specified did not match the calculated checksum.');
  } else {
    listener(replay(request, body), response);
  }
}

/** The signature that the address must have for the headers that were sent. */
async function signatureOf(
  { method = '', headers: sent }: IncomingMessage,
  address: URL,
  signer: Signer,
): Promise<string | null> {
  const url = new URL(address);
  const { searchParams: query } = url;
  const names = (query.get('X-Amz-SignedHeaders') ?? '').split(';').filter((name) => name !== 'host');
  const headers = Object.fromEntries(names.map((name) => [name, String(sent[name] ?? '')]));
  const [, , region = ''] = (query.get('X-Amz-Credential') ?? '').split('/');
  const datetime = query.get('X-Amz-Date') ?? '';
  for (const name of ['Algorithm', 'Credential', 'Date', 'Signature', 'SignedHeaders']) query.delete(`X-Amz-${name}`);
  const options = { service: 's3', signQuery: true, allHeaders: true };
  const signed = await new AwsV4Signer({
    ...signer,
    ...options,
    method,
    url: url.href,
    headers,
    region,
    datetime,
  }).sign();
  return signed.url.searchParams.get('X-Amz-Signature');
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
}

/** A copy of a request whose body was read, so that the listener can read the body too. */
function replay(
  { socket, method, url, headers, rawHeaders, httpVersion }: IncomingMessage,
  body: Buffer,
): IncomingMessage {
  const again = new IncomingMessage(socket);
  Object.assign(again, { method, url, headers, rawHeaders, httpVersion, complete: true });
  again.push(body);
  again.push(null);
  return again;
}
