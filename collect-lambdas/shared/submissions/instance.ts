/** What is stored of submissions in the files bucket. */
import * as z from 'zod';
import type { IncomingResponse } from '../../../db-proxy-lambda/contract.ts';
import { listAll, type ObjectStore } from '../object-store.ts';
import { unavailable } from '../problem.ts';
import { hashOf } from '../xform-files.ts';
import { instanceKey, submissionKey, unsavedFilesPrefix, type SubmissionName } from './keys.ts';

/** A submission as it was received. Written once: a retry finds it and takes its time. */
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

/** What is known of a submission. One instanceID has one XML, one collector and one response. */
const instance = z.object({
  instance_id: z.string(),
  /** The response of which it is a revision; its own instanceID while it waits. */
  response_id: z.string(),
  user_id: z.string(),
  /** Of the XML. */
  sha256: z.string(),
  received_at: z.string(),
  /** The time of its revision, UTC with milliseconds: later than that of the submission that it corrects. */
  last_modified_time: z.string(),
  /** The instanceID of the submission that it corrects. */
  corrects: z.string().optional(),
  /** Whether it waits for the submission that it corrects. */
  waits: z.literal(true).optional(),
  /** Set once a submission of a corrections form is saved: merged twice, it would look stale. */
  saved: z.literal(true).optional(),
  /** Whether corrections arrived before it. */
  awaited: z.literal(true).optional(),
  /**
   * The submission, if it began the response: one write claims and keeps it. Erasing the response removes it. Others are
   * kept under {@link submissionKey}.
   */
  submission: keptSubmission.optional(),
});
/** Stands in the place of a submission that has not arrived, and that a correction names. */
const awaited = z.object({ awaited: z.literal(true) }).strict();
export type Instance = z.infer<typeof instance>;

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

/**
 * Stores a submission, unless it is stored already.
 *
 * @returns the stored one, with its time, and whether this call stored it
 */
export async function keepSubmission(
  files: ObjectStore,
  name: SubmissionName,
  submission: KeptSubmission,
): Promise<{ kept: KeptSubmission; isNew: boolean }> {
  const isNew = await files.put(submissionKey(name), JSON.stringify(submission), 'absent');
  const kept = isNew ? submission : ((await readSubmission(files, name)) ?? submission);
  return { kept, isNew };
}

/** @returns undefined if the response was erased */
export async function readSubmission(
  files: ObjectStore,
  known: SubmissionName & Pick<Instance, 'submission'>,
): Promise<KeptSubmission | undefined> {
  return known.submission ?? (await readJson(files, submissionKey(known), keptSubmission));
}

/**
 * Claims an instanceID for a submission, unless it is claimed already.
 *
 * @returns the claim that counts
 * @throws {Problem} if another request claims it at the same time; the same request may succeed
 */
export async function claimInstance(files: ObjectStore, claim: Instance): Promise<Instance> {
  const key = instanceKey(claim.instance_id);
  if (await files.put(key, JSON.stringify(claim), 'absent')) return claim;
  const known = await readInstance(files, claim.instance_id);
  if (known !== undefined) return known;
  const [placeholder] = await files.list(key, { limit: 1 });
  const replacing: Instance = { ...claim, awaited: true };
  if (placeholder !== undefined && (await files.put(key, JSON.stringify(replacing), { etag: placeholder.etag }))) {
    return replacing;
  }
  throw unavailable('Another request with this instanceID is being stored. Send it again.');
}

/** Notes that a correction waits for a submission, unless that has arrived. */
export async function awaitInstance(files: ObjectStore, instanceId: string): Promise<void> {
  const content: z.infer<typeof awaited> = { awaited: true };
  await files.put(instanceKey(instanceId), JSON.stringify(content), 'absent');
}

/** @returns undefined if it has not arrived */
export async function readInstance(files: ObjectStore, instanceId: string): Promise<Instance | undefined> {
  const known = await readJson(files, instanceKey(instanceId), z.union([instance, awaited]));
  return known !== undefined && 'instance_id' in known ? known : undefined;
}

/** Changes what is known of a submission. */
export async function putInstance(files: ObjectStore, known: Instance): Promise<void> {
  await files.put(instanceKey(known.instance_id), JSON.stringify(known));
}

/** Remembers the files of a submission that is not saved yet; the response names those of a saved one. */
export async function rememberFiles(
  files: ObjectStore,
  { response_id, instance_id }: Instance,
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
  { response_id, instance_id }: Instance,
): Promise<{ stored: StoredFile[]; keys: string[] }> {
  const keys = (await listAll(files, unsavedFilesPrefix({ response_id, instance_id }))).map(({ key }) => key);
  const read = await Promise.all(keys.map((key) => readJson(files, key, storedFile)));
  return { stored: read.filter((file) => file !== undefined), keys };
}

/** The submission that a marker names; undefined if the marker is gone. */
export async function readMarker(files: ObjectStore, key: string): Promise<string | undefined> {
  return (await readJson(files, key, marker))?.instance_id;
}

export async function putMarker(files: ObjectStore, key: string, instanceId: string): Promise<void> {
  const content: Marker = { instance_id: instanceId };
  await files.put(key, JSON.stringify(content));
}

async function readJson<T>(files: ObjectStore, key: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await files.get(key);
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}
