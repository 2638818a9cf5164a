/** Turns a submission into a response: reads it, checks the rules, and flags what does not fit. */
import type { IncomingResponse } from '../../../db-proxy-lambda/contract.ts';
import { cutText, fitFlags, type Flag, MAX_FLAGS_BYTES } from '../../../forms/compiled/flags.ts';
import { misfitFlags } from '../../../forms/compiled/misfits.ts';
import { OWN_FLAGS, VERSION_KEY } from '../../../forms/definition/metadata.ts';
import { textFault } from '../../../forms/values/text.ts';
import { toInstant } from '../../../forms/values/time.ts';
import { readTime } from '../../../forms/xforms/read-answer.ts';
import { readHead, readInstance, type InstanceContent } from '../../../forms/xforms/read-instance.ts';
import type { XmlElement } from '../../../forms/xforms/xml.ts';
import { checkRules, MAX_RESPONSE_BYTES } from '../intake/check.ts';
import { type FoundForm, mapOf } from './find-form.ts';
import type { Instance, KeptSubmission, StoredFile } from './instance.ts';

/** A response that is ready to be saved, and remarks for the collector that are no flags. */
export type Judged = { readonly incoming: IncomingResponse; readonly remarks: readonly string[] };

/** A submission with all that is needed to judge it. */
export type ReadSubmission = {
  readonly kept: KeptSubmission;
  readonly instance: Instance;
  readonly root: XmlElement;
  /** The files that came with it. */
  readonly files: readonly StoredFile[];
};

/** Elements that the form does not have get a flag each, up to this number. */
const MAX_UNKNOWN = 50;
const MAX_VALUE_BYTES = 1_000;
const MAX_METADATA = 200;
const NO_LOCATION = 'not given';

/** Never refuses a submission for its content. The same submission always becomes the same response. */
export async function judge({ kept, instance, root, files }: ReadSubmission, found: FoundForm): Promise<Judged> {
  const { newest, form } = found;
  const content = readInstance(root, mapOf(form));
  const now = Date.parse(kept.received_at);
  const metadata = metadataOf(content, kept, instance);
  const input = { ...content.answers, ...metadata, [VERSION_KEY]: form.version };
  const read = form.readLeniently(input, now);
  const bytes = Buffer.byteLength(JSON.stringify(read.submission.response));
  const isTooLarge = bytes > MAX_RESPONSE_BYTES;
  const { submission } = isTooLarge ? form.readLeniently(metadata, now) : read;
  const { only_correction: isClosed, ...incoming } = await checkRules(
    newest,
    { role: 'device', onlyOf: instance.user_id },
    submission,
    now,
  );
  const flags = [
    ...incoming.flags.map((flag) => withAcknowledgement(flag, content)),
    ...(found.isKnown ? [] : [unknownVersion(root, form.version)]),
    ...(isTooLarge ? [tooLarge(bytes)] : misfitFlags(read.faults, input, submission.paths)),
    ...unknownFlags(content),
    ...(isClosed && instance.corrects === undefined ? [CLOSED] : []),
  ];
  return {
    incoming: {
      ...incoming,
      status: flags.length === 0 ? 'accepted' : 'flagged',
      flags: [...fitFlags(flags, MAX_FLAGS_BYTES)],
      ...(files.length > 0 && { files: [...files] }),
    },
    remarks: content.rounded.map(({ path, sent, counts }) => `${path}: ${sent} counts as ${counts}.`),
  };
}

/** The metadata of the response. What a phone sends counts only if it is valid. */
function metadataOf(
  { metadata, place }: InstanceContent,
  { received_at: receivedAt }: KeptSubmission,
  { response_id: responseId, user_id: userId, last_modified_time }: Instance,
): Record<string, string> {
  const end = readTime(metadata.end ?? '');
  return {
    response_id: responseId,
    response_family_id: responseId,
    user_id: userId,
    username: textOr(userId, metadata.username),
    location: textOr(NO_LOCATION, metadata.location, place),
    submitted_time: toInstant(end) === undefined ? receivedAt : end,
    synced_time: receivedAt,
    last_modified_time,
  };
}

/** The first text that metadata can have. */
function textOr(otherwise: string, ...texts: readonly (string | undefined)[]): string {
  const limits = { max_length: MAX_METADATA, multiline: false };
  return texts.find((text) => text !== undefined && textFault(text, limits) === undefined) ?? otherwise;
}

function withAcknowledgement(flag: Flag, { acknowledged }: InstanceContent): Flag {
  const isConfirmed = acknowledged.some(({ rule, entry }) => rule === flag.rule && entry === flag.entry);
  return isConfirmed ? { ...flag, acknowledged: true } : flag;
}

function misfit(message: string, values: Flag['values'] = {}): Flag {
  return { rule: OWN_FLAGS.doesNotFit, message, questions: [], values };
}

function unknownVersion(root: XmlElement, readBy: number): Flag {
  const { version } = readHead(root);
  return misfit(
    `The form has no version "${version}". The answers were read by its newest version, ${readBy}. Update the form in the app.`,
  );
}

function tooLarge(bytes: number): Flag {
  return misfit(
    `The answers have ${bytes} bytes; at most ${MAX_RESPONSE_BYTES} are stored as a response. The submission is kept whole; ask the manager.`,
  );
}

function unknownFlags({ unknown }: InstanceContent): Flag[] {
  const flags = unknown
    .slice(0, MAX_UNKNOWN)
    .map(({ path, text, why }) => misfit(`${path}: ${why}`, { [path]: cutText(text, MAX_VALUE_BYTES) }));
  const more = unknown.length - flags.length;
  return more === 0 ? flags : [...flags, misfit(`${more} more elements do not fit the form; the submission has them.`)];
}

const CLOSED: Flag = {
  rule: OWN_FLAGS.formClosed,
  message: 'The form was closed when this arrived. It is kept; ask the manager whether it counts.',
  questions: [],
  values: {},
};
