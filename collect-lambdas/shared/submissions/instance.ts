/** The records of submissions in the files bucket. */
import * as z from 'zod';
import type { IncomingResponse } from '../../../db-proxy-lambda/contract.ts';
import { listAll, ObjectStoreError, type ObjectStore } from '../object-store.ts';
import { unavailable } from '../problem.ts';
import { hashOf } from '../xform-files.ts';
import { instanceKey, unsavedFilesPrefix, type InstanceName } from './keys.ts';

/** A submission as it was received. It is written once: a retry finds it and uses its `received_at`. */
const keptSubmission = z.object({
  instance_id: z.string(),
  user_id: z.string(),
  /** The form to which the id in the XML belonged when it was received. */
  form_id: z.string(),
  /** UTC with milliseconds. */
  received_at: z.string(),
  /** As it was sent, byte for byte in UTF-8. */
  xml: z.string(),
  /** Set for a submission of a corrections form: the response that it corrects, as the collector saw it. */
  correction: z.object({ response_id: z.string(), revision: z.number(), form_version: z.number() }).optional(),
});
export type KeptSubmission = z.infer<typeof keptSubmission>;

/**
 * The record of a submission. One instanceID has one XML, one collector and one response.
 *
 * It is claimed by one conditional write, which also keeps the XML. A correction is claimed as `waits` until its response
 * is known; then it is a revision of that response, or a response of its own (`alone`). Erasure removes `submission`,
 * and nothing else does.
 */
const instance = z.object({
  instance_id: z.string(),
  /** The response of which the submission is a revision; its own instanceID while it waits. */
  response_id: z.string(),
  user_id: z.string(),
  /** The SHA-256 of the XML. */
  sha256: z.string(),
  received_at: z.string(),
  /** The time of its revision, UTC with milliseconds: later than the time of the submission that it corrects. */
  last_modified_time: z.string(),
  /** Set if the submission corrects a response that was sent as JSON; otherwise the family is the response itself. */
  response_family_id: z.string().optional(),
  /** The instanceID of the submission that this one corrects. */
  corrects: z.string().optional(),
  /** Whether it waits for the submission or the response that it corrects. */
  waits: z.literal(true).optional(),
  /** Why the submission is a response of its own, although it corrects another response. */
  alone: z.enum(['missing', 'other_collector']).optional(),
  /** Set once a submission of a corrections form is saved, because it would look stale if it were merged again. */
  saved: z.literal(true).optional(),
  /** Whether corrections arrived before it. */
  awaited: z.literal(true).optional(),
  /** Absent once its response is erased. */
  submission: keptSubmission.optional(),
});
/** A placeholder for a submission that has not arrived, but that a correction names. */
const awaited = z.object({ awaited: z.literal(true) }).strict();
export type Instance = z.infer<typeof instance>;

/** A submission that is not erased. */
export type KeptInstance = Instance & { readonly submission: KeptSubmission };

export function isKept(known: Instance): known is KeptInstance {
  return known.submission !== undefined;
}

/** The id of the submission, or of the response, that a submission corrects. */
export function correctedBy({ corrects, submission }: Pick<Instance, 'corrects' | 'submission'>): string | undefined {
  return corrects ?? submission?.correction?.response_id;
}

/** A marker of work to do for a submission. */
const marker = z.object({ instance_id: z.string() });
export type Marker = z.infer<typeof marker>;

/** A file of a submission, whose content is stored under `object_key`. */
export type StoredFile = NonNullable<IncomingResponse['files']>[number];

const storedFile: z.ZodType<StoredFile> = z.object({
  name: z.string(),
  object_key: z.string(),
  sha256: z.string(),
  bytes: z.number(),
  type: z.string(),
});

/** Max tries of a change, each after another request has changed the same object. */
const MAX_TRIES = 5;

/**
 * Claims an instanceID for a submission, unless it is claimed already.
 *
 * @returns the claim that counts
 * @throws {Problem} if it is not known which claim counts; a retry may succeed
 */
export async function claimInstance(files: ObjectStore, claim: Instance): Promise<Instance> {
  const key = instanceKey(claim.instance_id);
  if (await files.put(key, JSON.stringify(claim), 'absent')) return claim;
  const replacing: Instance = { ...claim, awaited: true };
  for (let tried = 0; tried < MAX_TRIES; tried += 1) {
    // Read the ETag first: if another claim then replaces the placeholder, the write fails, and the next try reads that claim.
    const [placeholder] = await files.list(key, { limit: 1 });
    const known = await readInstanceAt(files, key);
    if (known !== undefined) return known;
    if (placeholder !== undefined && (await files.put(key, JSON.stringify(replacing), { etag: placeholder.etag }))) {
      return replacing;
    }
  }
  throw unavailable('Another request with this instanceID is being stored. Send it again.');
}

/** Writes the placeholder of a submission that a correction waits for, unless the submission has arrived. */
export async function awaitInstance(files: ObjectStore, instanceId: string): Promise<void> {
  const content: z.infer<typeof awaited> = { awaited: true };
  await files.put(instanceKey(instanceId), JSON.stringify(content), 'absent');
}

/** @returns undefined if the submission has not arrived */
export async function readInstance(files: ObjectStore, instanceId: string): Promise<Instance | undefined> {
  return await readInstanceAt(files, instanceKey(instanceId));
}

/** As {@link readInstance}, by the key of the record. */
export async function readInstanceAt(files: ObjectStore, key: string): Promise<Instance | undefined> {
  const known = await readJson(files, key, z.union([instance, awaited]));
  return known !== undefined && 'instance_id' in known ? known : undefined;
}

/** The status of a write whose condition does not hold. */
const CONFLICT = 412;

/**
 * Changes the record of a submission, so that no change by another request is lost.
 *
 * @param change returns undefined if there is nothing to change
 * @returns the record after the change; undefined if the submission has not arrived
 * @throws {ObjectStoreError} if other requests changed the record during each try; this call has then changed nothing
 */
export async function changeInstance(
  files: ObjectStore,
  key: string,
  change: (known: Instance) => Instance | undefined,
): Promise<Instance | undefined> {
  for (let tried = 0; tried < MAX_TRIES; tried += 1) {
    // An ETag that is older than the content makes the write fail.
    const [listed] = await files.list(key, { limit: 1 });
    const known = await readInstanceAt(files, key);
    const changed = known && change(known);
    if (listed === undefined || changed === undefined) return known;
    if (await files.put(key, JSON.stringify(changed), { etag: listed.etag })) return changed;
  }
  throw new ObjectStoreError('PUT', CONFLICT);
}

/** Removes the answers of a submission. The claim stays, so that a retry is refused. */
export async function eraseSubmission(files: ObjectStore, key: string): Promise<void> {
  await changeInstance(files, key, ({ submission, ...claim }) => (submission === undefined ? undefined : claim));
}

/** Remembers the files of a submission that is not saved yet; the response names the files of a saved submission. */
export async function rememberFiles(
  files: ObjectStore,
  { response_id, instance_id }: InstanceName,
  stored: readonly StoredFile[],
): Promise<void> {
  const prefix = unsavedFilesPrefix({ response_id, instance_id });
  await Promise.all(
    stored.map((file) => files.put(prefix + hashOf(`${file.name} ${file.sha256}`), JSON.stringify(file))),
  );
}

/** The files that {@link rememberFiles} remembered, and the keys of these objects. */
export async function rememberedFiles(
  files: ObjectStore,
  { response_id, instance_id }: InstanceName,
): Promise<{ stored: StoredFile[]; keys: string[] }> {
  const keys = (await listAll(files, unsavedFilesPrefix({ response_id, instance_id }))).map(({ key }) => key);
  const read = await Promise.all(keys.map((key) => readJson(files, key, storedFile)));
  return { stored: read.filter((file) => file !== undefined), keys };
}

/** The submission that a marker names; undefined if the marker is gone. */
export async function readMarker(files: ObjectStore, key: string): Promise<string | undefined> {
  return (await readJson(files, key, marker))?.instance_id;
}

/** Leaves a marker. An existing marker stays, with the time at which it was first left. */
export async function putMarker(files: ObjectStore, key: string, instanceId: string): Promise<void> {
  const content: Marker = { instance_id: instanceId };
  await files.put(key, JSON.stringify(content), 'absent');
}

async function readJson<T>(files: ObjectStore, key: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await files.get(key);
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}
