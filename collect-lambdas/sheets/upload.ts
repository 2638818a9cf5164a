import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  type CompletedPart,
  type S3Client,
} from '@aws-sdk/client-s3';

/** S3 takes parts from 5 MiB and at most 10,000 of them (its "Multipart upload limits"): this allows 80 GB. */
const PART_BYTES = 8 * 1024 * 1024;
/** Parts on their way at once: one is sent while the next fills. */
const PARTS_IN_FLIGHT = 2;

/** An object that is written piece by piece and appears under its key when it is complete, or not at all. */
export interface Upload {
  /** Takes a piece; waits when too much is on its way already. */
  write: (piece: Buffer) => Promise<void>;
  complete: () => Promise<void>;
  /** Gives up: nothing stays. */
  abort: () => Promise<void>;
}

/** Starts a multipart upload. */
export async function startUpload(s3: S3Client, bucket: string, key: string, contentType: string): Promise<Upload> {
  const target = { Bucket: bucket, Key: key };
  const { UploadId: uploadId } = await s3.send(
    new CreateMultipartUploadCommand({ ...target, ContentType: contentType }),
  );
  const sent: Promise<CompletedPart>[] = [];
  let pieces: Buffer[] = [];
  let bytes = 0;

  const sendPart = async (): Promise<void> => {
    await sent.at(-PARTS_IN_FLIGHT);
    const body = Buffer.concat(pieces, bytes);
    pieces = [];
    bytes = 0;
    const partNumber = sent.length + 1;
    const part = s3
      .send(new UploadPartCommand({ ...target, UploadId: uploadId, PartNumber: partNumber, Body: body }))
      .then(({ ETag: etag }) => ({ PartNumber: partNumber, ETag: etag }));
    // A failure is met where the part is awaited; until then it must not count as unhandled.
    part.catch(() => undefined);
    sent.push(part);
  };

  return {
    async write(piece) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes >= PART_BYTES) await sendPart();
    },
    async complete() {
      if (bytes > 0 || sent.length === 0) await sendPart();
      const parts = await Promise.all(sent);
      await s3.send(
        new CompleteMultipartUploadCommand({ ...target, UploadId: uploadId, MultipartUpload: { Parts: parts } }),
      );
    },
    async abort() {
      await Promise.allSettled(sent);
      await s3.send(new AbortMultipartUploadCommand({ ...target, UploadId: uploadId }));
    },
  };
}
