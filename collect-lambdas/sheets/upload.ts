import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  type CompletedPart,
  type S3Client,
} from '@aws-sdk/client-s3';

/** S3 takes parts from 5 MiB and at most 10,000 of them (its "Multipart upload limits"): this allows 60 GB. */
export const PART_BYTES = 6 * 1024 * 1024;
/** Parts on their way at once: they are sent while the next one fills. */
const PARTS_IN_FLIGHT = 2;

/** An object that is written piece by piece and appears under its key when it is complete, or not at all. */
export interface Upload {
  /** Takes text; waits when too much is on its way already. */
  write: (text: string) => Promise<void>;
  /** Says what the object is made of. */
  complete: () => Promise<{ bytes: number; sha256: string }>;
  /** Gives up: nothing stays. */
  abort: () => Promise<void>;
}

/** Starts a multipart upload of UTF-8 text. It needs the memory of three parts, however long the text becomes. */
export async function startUpload(s3: S3Client, bucket: string, key: string, contentType: string): Promise<Upload> {
  const target = { Bucket: bucket, Key: key };
  const { UploadId: uploadId } = await s3.send(
    new CreateMultipartUploadCommand({ ...target, ContentType: contentType }),
  );
  const encoder = new TextEncoder();
  const digest = createHash('sha256');
  const sent: Promise<CompletedPart>[] = [];
  // Used in turn: when one comes round again, its part has arrived.
  const buffers: Uint8Array<ArrayBuffer>[] = [];
  let buffer = new Uint8Array(PART_BYTES);
  let filled = 0;
  let bytes = 0;

  const sendPart = async (): Promise<void> => {
    await sent.at(-PARTS_IN_FLIGHT);
    const partNumber = sent.length + 1;
    const body = buffer.subarray(0, filled);
    const part = s3
      .send(new UploadPartCommand({ ...target, UploadId: uploadId, PartNumber: partNumber, Body: body }))
      .then(({ ETag: etag }) => ({ PartNumber: partNumber, ETag: etag }));
    // A failure is met where the part is awaited; until then it must not count as unhandled.
    part.catch(() => undefined);
    sent.push(part);
    buffers.push(buffer);
    buffer = (buffers.length > PARTS_IN_FLIGHT ? buffers.shift() : undefined) ?? new Uint8Array(PART_BYTES);
    filled = 0;
  };

  return {
    async write(text) {
      for (let rest = text; rest !== '';) {
        const { read, written } = encoder.encodeInto(rest, buffer.subarray(filled));
        digest.update(buffer.subarray(filled, filled + written));
        filled += written;
        bytes += written;
        rest = rest.slice(read);
        if (rest !== '') await sendPart();
      }
    },
    async complete() {
      if (filled > 0 || sent.length === 0) await sendPart();
      const parts = await Promise.all(sent);
      await s3.send(
        new CompleteMultipartUploadCommand({ ...target, UploadId: uploadId, MultipartUpload: { Parts: parts } }),
      );
      return { bytes, sha256: digest.digest('hex') };
    },
    async abort() {
      await Promise.allSettled(sent);
      await s3.send(new AbortMultipartUploadCommand({ ...target, UploadId: uploadId }));
    },
  };
}
