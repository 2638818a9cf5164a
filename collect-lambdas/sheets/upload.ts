import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { AbortMultipartUploadCommand, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';

/** S3 accepts parts of at least 5 MiB, and at most 10,000 parts ("Multipart upload limits"): 6 MiB allow 60 GB. */
export const PART_BYTES = 6 * 1024 * 1024;
/** Parts uploaded at the same time, while the next one fills. */
const PARTS_IN_FLIGHT = 2;

/**
 * Streams bytes, or text as UTF-8, to S3 in constant memory. The object appears when it is complete; a failure leaves
 * nothing. If aborting fails, the bucket's lifecycle rule cleans up.
 *
 * @returns the object's size and its digest in hexadecimal digits
 * @throws the error of `pieces` or of S3
 */
export async function upload(
  client: S3Client,
  target: { Bucket: string; Key: string; ContentType: string },
  pieces: AsyncIterable<string | Uint8Array>,
): Promise<{ bytes: number; sha256: string }> {
  const digest = createHash('sha256');
  let bytes = 0;
  const encode = async function* (): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      const encoded = Buffer.from(piece);
      digest.update(encoded);
      bytes += encoded.length;
      yield encoded;
    }
  };
  const params = { ...target, Body: Readable.from(encode(), { objectMode: false }) };
  // Upload's own abort could replace the original error by an error of the abort.
  const sending = new Upload({
    client,
    params,
    partSize: PART_BYTES,
    queueSize: PARTS_IN_FLIGHT,
    leavePartsOnError: true,
  });
  try {
    await sending.done();
  } catch (error) {
    await abort(client, target, sending.uploadId);
    throw error;
  }
  return { bytes, sha256: digest.digest('hex') };
}

/** Never throws. */
async function abort(
  client: S3Client,
  { Bucket, Key }: { Bucket: string; Key: string },
  UploadId: string | undefined,
): Promise<void> {
  if (UploadId === undefined) return;
  await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(() => undefined);
}
