/** Turns a submission into a response: reads it, checks the rules, and flags what does not fit. */
import type { IncomingResponse } from '../../../db-proxy-lambda/contract.ts';
import { cutText, fitFlags, type Flag, MAX_FLAGS_BYTES } from '../../../forms/compiled/flags.ts';
import { misfitFlags, roundedRemark } from '../../../forms/compiled/misfits.ts';
import { METADATA, OWN_FLAGS, VERSION_KEY, type MetadataKey } from '../../../forms/definition/metadata.ts';
import { textFault } from '../../../forms/values/text.ts';
import { toInstant } from '../../../forms/values/time.ts';
import { readTime } from '../../../forms/xforms/read-answer.ts';
import type { InstanceContent } from '../../../forms/xforms/read-instance.ts';
import { checkRules, MAX_RESPONSE_BYTES } from '../intake/check.ts';
import type { FoundForm } from './find-form.ts';
import type { Instance, KeptSubmission, StoredFile } from './instance.ts';

/** A response that is ready to be saved, and remarks for the collector that are not flags. */
export type Judged = { readonly incoming: IncomingResponse; readonly remarks: readonly string[] };

/** The input of `judge`: the answers as the submission has them, and facts about the response that they become. */
export type Judging = {
  readonly found: FoundForm;
  readonly content: InstanceContent;
  /** Answers and metadata, for the reader of submissions. */
  readonly input: Readonly<Record<string, unknown>> & Metadata;
  readonly user_id: string;
  readonly received_at: string;
  /** Whether it corrects a stored response. */
  readonly isCorrection: boolean;
  /** The files that came with it. */
  readonly files: readonly StoredFile[];
  /** The version of the XForm that the submission names. */
  readonly xformVersion: string;
  /** Other faults of the submission. Each becomes a flag. */
  readonly notes?: readonly string[];
};

export type Metadata = Readonly<Record<MetadataKey, unknown>>;

/** Max flags for elements that the form does not have, one per element. */
const MAX_UNKNOWN = 50;
const MAX_VALUE_BYTES = 1_000;
const MAX_METADATA = 200;
const NO_LOCATION = 'not given';

/** Never refuses a submission for its content. The same submission always becomes the same response. */
export async function judge(judging: Judging): Promise<Judged> {
  const { found, content, input, files, isCorrection } = judging;
  const { newest, form } = found;
  const now = Date.parse(judging.received_at);
  const sent = { ...input, [VERSION_KEY]: form.version };
  const read = form.readLeniently(sent, now);
  const bytes = Buffer.byteLength(JSON.stringify(read.submission.response));
  const isTooLarge = bytes > MAX_RESPONSE_BYTES;
  const { submission } = isTooLarge ? form.readLeniently(withoutAnswers(input), now) : read;
  const caller = { role: 'device' as const, onlyOf: judging.user_id };
  const { only_correction: isClosed, ...incoming } = await checkRules(newest, caller, submission, now);
  const { questions } = form.definition;
  const entered = content.rounded.filter(({ isCalculated }) => !isCalculated);
  const calculated = content.rounded.filter(({ isCalculated }) => isCalculated);
  const flags = [
    ...incoming.flags.map((flag) => withAcknowledgement(flag, content)),
    ...(found.isKnown ? [] : [unknownVersion(judging.xformVersion, form.version)]),
    ...(isTooLarge
      ? [tooLarge(bytes)]
      : misfitFlags({ faults: read.faults, rounded: entered, input: sent, questions })),
    ...unknownFlags(content),
    ...(judging.notes ?? []).map((note) => misfit(note)),
    ...(isClosed && !isCorrection ? [CLOSED] : []),
  ];
  return {
    incoming: {
      ...incoming,
      status: flags.length === 0 ? 'accepted' : 'flagged',
      flags: [...fitFlags(flags, MAX_FLAGS_BYTES)],
      ...(files.length > 0 && { files: [...files] }),
    },
    remarks: calculated.map((amount) => roundedRemark(amount, questions)),
  };
}

function withoutAnswers(input: Judging['input']): Record<string, unknown> {
  return Object.fromEntries(METADATA.map(({ key }) => [key, input[key]]));
}

/** The metadata of the response. What a phone sends counts only if it is valid. */
export function metadataOf(
  { metadata, place }: InstanceContent,
  { received_at: receivedAt }: KeptSubmission,
  { response_id: responseId, response_family_id: familyId = responseId, user_id: userId, last_modified_time }: Instance,
): Metadata {
  const end = readTime(metadata.end ?? '');
  return {
    response_id: responseId,
    response_family_id: familyId,
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

function unknownVersion(version: string, readBy: number): Flag {
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
