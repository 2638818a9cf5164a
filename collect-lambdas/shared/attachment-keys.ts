/** Where the files of responses are in the files bucket. Ids and names come from strangers, so keys have their hashes. */
import { hashOf } from './xform-files.ts';

/** Files of presigned uploads. S3 notifies UploadsQueue of each. */
export const UPLOADS = 'uploads/';

/** The prefixes of everything that the files bucket has of a response. Erasing the response removes it. */
export function prefixesOf(responseId: string): string[] {
  const id = hashOf(responseId);
  return [`responses/${id}/`, `${UPLOADS}${id}/`];
}

/** A file that a client uploads itself. @param sha256 of the content */
export function uploadKey(responseId: string, { name, sha256 }: { name: string; sha256: string }): string {
  return `${UPLOADS}${hashOf(responseId)}/${hashOf(name)}/${sha256}`;
}

/** The SHA-256 that the content of an upload must have; undefined for another key. */
export function sha256OfUpload(key: string): string | undefined {
  return /^uploads\/[\da-f]{64}\/[\da-f]{64}\/([\da-f]{64})$/.exec(key)?.[1];
}
