/** S3's notifications about created and deleted objects. */
import type { S3Event } from 'aws-lambda';
import type { ObjectFilter } from '../template/model.ts';
import { REGION } from '../template/references.ts';

/** What happened to an object. */
export interface ObjectChange {
  /** `ObjectCreated:Put` */
  name: string;
  bucket: string;
  key: string;
  /** Bytes; 0 for a deleted object. */
  size: number;
  etag: string;
}

/** The change that a successful S3 request made; undefined if it made none. `url` is path-style: `/bucket/key?query`. */
export function changeOf(
  method: string,
  url: string,
  isCopy: boolean,
): Pick<ObjectChange, 'name' | 'bucket' | 'key'> | undefined {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const [, bucket = '', ...rest] = pathname.split('/');
  const key = decodeURIComponent(rest.join('/'));
  if (bucket === '' || key === '') return undefined;
  const isPart = searchParams.has('uploadId');
  if (method === 'PUT' && !isPart) return { name: `ObjectCreated:${isCopy ? 'Copy' : 'Put'}`, bucket, key };
  if (method === 'POST' && isPart) return { name: 'ObjectCreated:CompleteMultipartUpload', bucket, key };
  if (method === 'DELETE' && !isPart) return { name: 'ObjectRemoved:Delete', bucket, key };
  return undefined;
}

/** Whether a source subscribes to this change: by bucket, kind (`s3:ObjectCreated:*`), prefix and suffix. */
export function wants(source: ObjectFilter, change: ObjectChange): boolean {
  const isKind = source.events.some((event) => {
    const kind = event.replace(/^s3:/, '');
    return kind.endsWith('*') ? change.name.startsWith(kind.slice(0, -1)) : kind === change.name;
  });
  const isKey = change.key.startsWith(source.prefix) && change.key.endsWith(source.suffix);
  return isKind && isKey && source.bucket === change.bucket;
}

/** The event as S3 sends it. The key is URL-encoded, with a plus for a space. */
export function toObjectEvent({ name, bucket, key, size, etag }: ObjectChange): S3Event {
  const encodedKey = encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
  const bucketEntity = { name: bucket, arn: `arn:aws:s3:::${bucket}`, ownerIdentity: { principalId: 'local' } };
  return {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: REGION,
        eventTime: new Date().toISOString(),
        eventName: name,
        userIdentity: { principalId: 'local' },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': '', 'x-amz-id-2': '' },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'local',
          bucket: bucketEntity,
          object: { key: encodedKey, size, eTag: etag, sequencer: Date.now().toString(16).toUpperCase() },
        },
      },
    ],
  };
}
