/** Where submissions and their files are in the files bucket. */
import { isId } from '../../../db-proxy-lambda/contract.ts';
import { hashOf } from '../xform-files.ts';

/** The response_id of a submission that begins a response: the instanceID, or its hash if it is not a valid id. */
export const ownResponseId = (instanceId: string): string =>
  isId(instanceId) ? instanceId : `sha256:${hashOf(instanceId)}`;

/** The files of a response, and which submissions correct it. Erasing the response removes them. */
export const responsePrefix = (responseId: string): string => `responses/${hashOf(responseId)}/`;

/** Which submissions correct a response: an empty object each, named by the hash that also names its {@link Instance}. */
export const correctionsPrefix = (responseId: string): string => `${responsePrefix(responseId)}submissions/`;

export const correctionKey = ({ response_id, instance_id }: InstanceName): string =>
  correctionsPrefix(response_id) + hashOf(ownResponseId(instance_id));

export type InstanceName = { readonly response_id: string; readonly instance_id: string };

/** The content of a file. */
export const fileKey = (responseId: string, sha256: string): string => `${responsePrefix(responseId)}files/${sha256}`;

/** The files of a submission that is not saved yet, one object each: {@link StoredFile}. */
export const unsavedFilesPrefix = ({ response_id, instance_id }: InstanceName): string =>
  `${responsePrefix(response_id)}unsaved/${hashOf(instance_id)}/`;

/** The record of a submission: {@link Instance}. It survives erasure, without answers. */
export const instanceKey = (instanceId: string): string => instanceKeyOf(hashOf(ownResponseId(instanceId)));

/** @param hash the last part of a {@link correctionKey} */
export const instanceKeyOf = (hash: string): string => `instances/${hash}.json`;

/** Corrections that wait for the submission that they correct: {@link Marker}. */
export const WAITING = 'waiting/';

/** @param corrected the instanceID of the submission that is corrected */
export const waitingPrefix = (corrected: string): string => `${WAITING}${hashOf(corrected)}/`;

export const waitingKey = (corrected: string, instanceId: string): string =>
  waitingPrefix(corrected) + hashOf(instanceId);

/** Submissions that were acknowledged and are still to be read: {@link Marker}. */
export const PENDING = 'pending/';

export const pendingKey = (instanceId: string): string => PENDING + hashOf(instanceId);
