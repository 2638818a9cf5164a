/** Operations on responses and their revisions. */
import * as z from 'zod';
import { attachedFile, fileName } from '../attachments/contract.ts';
import { by } from '../audit/contract.ts';
import { count, id, instant, serverTime, standingStatus, storedFormId, storedStatus } from '../values.ts';

const status = z.enum(['accepted', 'flagged']);

/** An answer as submitted: see forms/values/answer.ts. */
const answer = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.string()),
  z.object({
    latitude: z.number(),
    longitude: z.number(),
    altitude: z.number().optional(),
    accuracy: z.number().optional(),
  }),
]);

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Max files that come with one response. */
const MAX_FILES = 1_000;
/** More names than a response of 256,000 bytes can have. */
const MAX_EXPECTED = 100_000;

export const flag = z.object({
  rule: z.string(),
  message: z.string(),
  /** JSON pointer to the entry of a repeat that breaks the rule. */
  entry: z.string().optional(),
  questions: z.array(z.string()),
  values: z.record(z.string(), answer),
  /** Set if the phone warned of the broken rule, and the collector confirmed the answers. */
  acknowledged: z.literal(true).optional(),
});

/**
 * Answers that no other response of the form should share, as the caller read them: see forms/compiled/unique.ts.
 * `flag` is added if another response has them.
 */
export const uniqueKey = z.object({
  hash: sha256,
  at: instant,
  within: z.object({ from: instant, to: instant }).optional(),
  flag,
});

/** A state of a response to save. The caller has validated and checked it. */
const incomingResponse = z.object({
  response_id: id,
  form_id: storedFormId,
  form_version: z.int().min(1),
  /** Set if the response itself names its `form_version`. Only such versions limit the versions of corrections. */
  version_declared: z.literal(true).optional(),
  /** The version whose rules checked it; by default `form_version`. */
  rules_version: z.int().min(1).optional(),
  user_id: id,
  status,
  last_modified: instant,
  last_modified_time: z.string().max(64),
  content_hash: sha256,
  flags: z.array(flag),
  unique: z.array(uniqueKey).optional(),
  /** As submitted. The caller has parsed it with its form, so this only checks that it is an object. */
  response: z.custom<Record<string, unknown>>((value) => typeof value === 'object' && value !== null),
  /** Files that came with it. A file that is stored already, by name and content, is not stored again. */
  files: z.array(attachedFile).max(MAX_FILES).optional(),
  /** The names of the files that its answers name. Those that are not stored yet are flagged (`MissingAttachment`). */
  expects: z.array(fileName).max(MAX_EXPECTED).optional(),
  /** If set, a stored response is only changed if it belongs to this collector. */
  only_of: id.optional(),
  /** The id of the manager's token that sent it. A correction keeps the token's label as its author. */
  author_token: z.uuid().optional(),
  /** Set while the form is closed: the response is stored only if it corrects a stored one. */
  only_correction: z.literal(true).optional(),
});

const current = z.object({ revision: z.int().min(1), last_modified_time: z.string(), status: standingStatus });

/**
 * The outcome for one response:
 *
 * - Written: `created`, `updated`; with `flags` if the database added a flag, for duplicate answers or missing files.
 * - Nothing to write, because the stored content has the same hash: `unchanged`.
 * - Refused: `stale` (older), `conflict` (same time, other content), `other_form` (the id belongs to another form),
 *   `older_version` (the first revision has a later `form_version`), `other_collector` (the stored response does not
 *   belong to `only_of`). A late response is `kept` instead. With `keep`, so is every refused response but
 *   `other_collector`.
 * - Refused, unless it is late or `keep` is set: `closed` (`only_correction` is set, and no response with this id is
 *   stored).
 * - Refused, late or not, because the answers stay erased: `erased`.
 */
const saveOutcome = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.enum(['created', 'updated']),
    revision: z.int().min(1),
    /** All flags of the response, if the database added some. */
    flags: z.array(flag).min(1).optional(),
    flags_cut: z.literal(true).optional(),
  }),
  z.object({
    outcome: z.literal('unchanged'),
    revision: z.int().min(1),
    status: standingStatus,
    flags: z.array(flag),
    /** Set if these flags are shortened, because the stored flags are too large for the reply; also above. */
    flags_cut: z.literal(true).optional(),
  }),
  z.object({ outcome: z.enum(['stale', 'conflict', 'other_form', 'older_version', 'kept']), current }),
  /** `reassigned`: a manager assigned the response to its collector. */
  z.object({ outcome: z.literal('other_collector'), reassigned: z.literal(true).optional() }),
  z.object({ outcome: z.enum(['erased', 'closed']) }),
]);

/** One stored state of a response. */
export const storedRevision = z.object({
  response_id: id,
  form_id: storedFormId,
  form_version: z.int().min(1),
  rules_version: z.int().min(1),
  user_id: id,
  status: storedStatus,
  revision: z.int().min(1),
  flags: z.array(flag),
  response: z.record(z.string(), z.unknown()),
  /** The label of the manager's token that sent the correction, or its id; null for a collector's revision. */
  author: z.string().nullable(),
  saved_at: serverTime,
});

/** A response in a list for people, with the time at which it arrived. */
const browsedResponse = storedRevision.extend({ received_at: serverTime });

/** Max characters of a text to search for. */
export const MAX_TEXT = 100;

/** A late revision: a response that was acknowledged and arrived too late to become a revision. */
const lateRevision = storedRevision.omit({ revision: true }).extend({ status });

export const listPosition = z.object({ id: count, updated_at: serverTime.optional() });
/** Values of the filter `ever`: what happened to a response at any time. */
export const EVER = ['flagged', 'returned'] as const;

/** Where a page of `browseResponses` starts: at responses that arrived before this one, or after it. */
export const browsePosition = z.union([z.object({ before: count }), z.object({ after: count })]);
export const latePosition = z.object({ last_modified: instant, id: count });

export const responseOperations = {
  /**
   * Saves responses as if they were sent one after the other, in one transaction. Returns results in the order of the input.
   *
   * `late`: the responses were acknowledged before they were saved, so none may be dropped.
   * `keep`: the responses are kept elsewhere already and their phones cannot change them, so only those of another
   * collector and those that were erased are refused.
   */
  saveResponses: {
    input: z.object({
      responses: z.array(incomingResponse).min(1).max(1000),
      late: z.boolean().optional(),
      keep: z.boolean().optional(),
    }),
    result: z.object({ results: z.array(saveOutcome) }),
  },
  /**
   * A page of responses (their last revisions), ordered by arrival. Without `form_id`, responses to drafts are left out.
   *
   * With `updated_since` they are ordered by last change: a response that changes while a client reads pages appears again
   * at the end. That order stops at a settled watermark (settled.ts), so that no response is missed.
   */
  listResponses: {
    input: z.object({
      form_id: storedFormId.optional(),
      status: storedStatus.optional(),
      user_id: id.optional(),
      updated_since: serverTime.optional(),
      after: listPosition.optional(),
      limit: z.int().min(1).max(1000),
    }),
    result: z.object({ items: z.array(storedRevision), next: listPosition.nullable() }),
  },
  /**
   * A page of responses (their last revisions) that match every filter, the newest arrival first, with the positions of
   * the pages of older and of newer ones. Without `form_id`, responses to drafts are left out.
   *
   * `rule`: one of its flags is of this rule. `ever`: it was ever flagged because of what a collector sent, or returned
   * by a manager, even if it no longer is; with `rule`, flagged by this rule. Responses that the quality figures do not
   * count are left out. `text`: an id, the username, the location or an answer contains it, ignoring case. `from` and
   * `to` (exclusive) limit the time of arrival. A search by `rule`, `ever` or `text` looks through a limited number of
   * responses: the page may then have fewer items than `limit`, and the next page continues the search.
   *
   * With `count`, returns the number of responses that match; `capped` if there may be more.
   */
  browseResponses: {
    input: z.object({
      form_id: storedFormId.optional(),
      statuses: z.array(storedStatus).min(1).optional(),
      user_id: id.optional(),
      rule: z.string().min(1).optional(),
      ever: z.enum(EVER).optional(),
      text: z.string().min(1).max(MAX_TEXT).optional(),
      from: serverTime.optional(),
      to: serverTime.optional(),
      position: browsePosition.optional(),
      limit: z.int().min(1).max(100),
      count: z.boolean().optional(),
    }),
    result: z.object({
      items: z.array(browsedResponse),
      older: browsePosition.nullable(),
      newer: browsePosition.nullable(),
      count: count.optional(),
      capped: z.boolean().optional(),
    }),
  },
  getResponse: {
    input: z.object({ response_id: id }),
    result: z.object({ response: storedRevision.nullable() }),
  },
  /** The revisions of one response with numbers above `after_revision`, oldest first. */
  listRevisions: {
    input: z.object({ response_id: id, after_revision: count }),
    result: z.object({ items: z.array(storedRevision), complete: z.boolean() }),
  },
  /** A page of the late revisions of one response, oldest `last_modified` first. */
  listLateRevisions: {
    input: z.object({ response_id: id, after: latePosition.optional() }),
    result: z.object({ items: z.array(lateRevision), next: latePosition.nullable() }),
  },
  /**
   * Erases a respondent's answers and everything that repeats them, permanently. A tombstone stays as the next revision and
   * refuses all saves. Idempotent.
   */
  eraseResponse: {
    input: z.object({ response_id: id, by: by.optional() }),
    result: z.object({ outcome: z.enum(['erased', 'unknown']) }),
  },
} as const;

export type IncomingResponse = z.infer<typeof incomingResponse>;
export type SaveOutcome = z.infer<typeof saveOutcome>;
export type StoredRevision = z.infer<typeof storedRevision>;
export type LateRevision = z.infer<typeof lateRevision>;
export type BrowsePosition = z.infer<typeof browsePosition>;
export type ListPosition = z.infer<typeof listPosition>;
