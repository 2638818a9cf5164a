/**
 * Bodies of replies: the results of the proxy's contract, and the replies that Lambdas build from them.
 * tests/docs/replies.test.ts compares the schemas with the replies of a running stack.
 */
import * as z from 'zod';
import type { ProblemDetails } from '../../collect-lambdas/shared/problem.ts';
import { arrayOf, type JsonSchema, ref } from '../../collect-lambdas/shared/route-docs.ts';
import { contract } from '../../db-proxy-lambda/contract.ts';
import { derivedFactSchema, formSchema, ruleSchema } from '../../forms/definition/form-definition.ts';
import { itemDefinition, questionsSchema } from '../../forms/question-types/index.ts';
import { optionSchema } from '../../forms/question-types/options.ts';
import { texts } from '../../forms/values/texts.ts';
import { toComponents } from '../json-schema.ts';

const response = contract.getResponse.result.shape.response.unwrap();
const { response_id: responseId, flags, revision } = response.shape;
const flag = flags.element;
const answers = response.shape.response;

const webhook = contract.listWebhooks.result.shape.items.element;

const late = contract.listLateRevisions.result.shape.items.element;
const [created] = contract.saveReviews.result.shape.results.element.options;
const { review } = created.shape;
const { status } = review.shape;

const collectReply = z.object({
  response_id: responseId,
  status,
  revision,
  flags,
  response: answers.optional(),
  detail: z.string().optional().describe('Present if the flags are shortened to fit into the reply.'),
});
const queuedReply = collectReply.omit({ revision: true }).extend({ status: z.literal('queued') });

const [found] = contract.listAttachments.result.options;
const { expected, missing, items, form_id: formId } = found.shape;
const attachments = z.object({
  response_id: responseId,
  form_id: formId,
  expected,
  missing,
  items: z.array(items.element.omit({ object_key: true }).extend({ link: z.url() })),
});
const deviceSettings = z.object({
  settings: z.object({ general: z.record(z.string(), z.string()), admin: z.object({}) }),
  code: z.string().describe('The text of the QR code: base64 of zlib of `settings` as JSON.'),
  qr_svg: z.string(),
  qr_png: z.string().describe('In base64.'),
});
const attachmentUpload = z.object({
  status: z.literal('awaited'),
  name: z.string(),
  upload: z.object({
    method: z.literal('PUT'),
    url: z.url(),
    headers: z.record(z.string(), z.string()),
    expires_at: z.string(),
  }),
});

/** Its schema is in problems.ts. */
const problem = z.custom<ProblemDetails>();
const rejection = z.object({
  index: z.int().min(0),
  response_id: z.string().optional(),
  status: z.literal('rejected'),
  problem,
});
const count = z.int().min(0);
const batchReply = z.object({
  results: z.array(z.union([collectReply, queuedReply, rejection])),
  summary: z.object({
    accepted: count,
    flagged: count,
    unchanged: count,
    queued: count.optional().describe('Present if any response is queued.'),
    rejected: count,
  }),
});

const queuedReview = review
  .pick({ review_id: true, response_id: true, action: true })
  .extend({ status: z.literal('queued') });

const cursor = z.string().nullable();
const serverTime = response.shape.saved_at;

const dryRun = z.object({
  form_id: response.shape.form_id,
  checked: count,
  flagged: count,
  complete: z.boolean(),
  rules: z.array(
    z.object({
      rule: z.string(),
      flagged: count,
      checked: count,
      not_applicable: count,
      unreadable: count,
      examples: z.array(flag.extend({ response_id: responseId })),
    }),
  ),
  by_collector: z.array(z.object({ user_id: response.shape.user_id, checked: count, flagged: count })).max(50),
  sample: z
    .union([
      z.object({ status: z.enum(['accepted', 'flagged']), flags: z.array(flag) }),
      z.object({
        status: z.literal('refused'),
        errors: z.array(z.object({ pointer: z.string(), detail: z.string() })),
      }),
    ])
    .optional(),
});

const { request, csv, ndjson, zip, ...exportMembers } = contract.getExport.result.shape.export.unwrap().shape;
const exported = z.object({
  ...exportMembers,
  filter: request.shape.filter,
  request: request.describe('The options of the request, with which it can be repeated.'),
  csv: csv.unwrap().extend({ url: z.url() }).nullable(),
  ndjson: ndjson.unwrap().extend({ url: z.url() }).nullable(),
  zip: zip.unwrap().extend({ url: z.url() }).nullable(),
});

const rejudge = contract.getRejudge.result.shape.rejudge.unwrap();

const token = contract.createToken.result.shape.token;

const { email, user_id: userId, ...entry } = contract.getDirectoryEntry.result.shape.entry.unwrap().shape;

const share = z.number().min(0).max(1).nullable();
const amount = z.number().min(0).nullable();
const [qualityFound] = contract.readQuality.result.options;
const { form_id: qualityForm, by: qualityKey, since: qualitySince } = contract.readQuality.input.shape;
const quality = qualityFound.omit({ outcome: true }).extend({
  form_id: qualityForm,
  by: qualityKey,
  since: qualitySince.unwrap().nullable(),
});

const countryFigures = z.object({
  metric_a: z.array(
    z.object({
      region: z.object({ id: z.int(), name: z.string(), population: z.number() }),
      average: z.record(z.string().regex(/^\d{4}-\d{1,2}$/), z.object({ people: amount, prevalence: share })),
    }),
  ),
  metric_b: z.record(z.iso.date(), z.object({ people: amount, prevalence: share, variance: amount })),
});

const row = z.object({ N: z.string(), X: z.string(), Y: z.string(), Z: z.string() });

const browsed = contract.browseResponses.result.shape;

const components = {
  Flag: flag,
  CollectReply: collectReply,
  QueuedReply: queuedReply,
  Rejection: rejection,
  BatchReply: batchReply,
  Health: contract.ping.result.extend({ status: z.literal('ok') }),
  Attachments: attachments,
  AttachmentUpload: attachmentUpload,
  StoredResponse: response,
  ResponsePage: z.object({
    items: z.array(response.extend({ received_at: serverTime.optional() })),
    next_cursor: cursor,
    previous_cursor: cursor.optional(),
    count: browsed.count,
    capped: browsed.capped,
  }),
  Review: review,
  QueuedReview: queuedReview,
  ReviewPage: z.object({ items: z.array(review), next_cursor: cursor }),
  Worklist: z.object({ items: contract.listWork.result.shape.items, next_cursor: cursor }),
  LateRevision: late,
  Revisions: z.object({ items: z.array(response), late: z.array(late), next_cursor: cursor }),
  Submissions: z.object({
    items: z.array(
      z.object({ instance_id: z.string(), user_id: z.string(), received_at: serverTime, xml: z.string() }),
    ),
    next_cursor: cursor,
  }),
  FormSummary: contract.listForms.result.shape.forms.element,
  FormList: z.object({ items: contract.listForms.result.shape.forms }),
  FormVersionList: z.object({ items: contract.listFormVersions.result.shape.versions }),
  StoredForm: formSchema.extend({ version: revision, created_at: serverTime }),
  StoredQuestion: itemDefinition,
  StoredQuestions: questionsSchema,
  StoredDerivedFact: derivedFactSchema,
  DryRun: dryRun,
  RejudgeAccepted: rejudge.pick({ rejudge_id: true, status: true }).extend({ status_url: z.string() }),
  Rejudge: rejudge,
  ExportAccepted: z.object({
    export_id: exportMembers.export_id,
    status: exportMembers.status,
    status_url: z.string(),
  }),
  Export: exported,
  CreatedToken: token.extend({
    token: z.string(),
    odk_collect: deviceSettings.optional(),
    form_page: z.string().optional(),
  }),
  Me: z.object({
    token_id: token.shape.token_id.nullable(),
    role: token.shape.role.exclude(['device']),
    user_id: token.shape.user_id,
    label: token.shape.label,
    expires_at: token.shape.expires_at.nullable(),
  }),
  TokenPage: z.object({ items: z.array(token), next_cursor: cursor }),
  AuditPage: z.object({ items: contract.listAuditEvents.result.shape.items, next_cursor: cursor }),
  Webhook: webhook,
  CreatedWebhook: webhook.extend({ secret: z.string() }),
  WebhookPage: z.object({ items: z.array(webhook), next_cursor: cursor }),
  WebhookTest: z.object({
    delivered: z.boolean(),
    status: z.int().nullable(),
    reason: z.string().nullable(),
    milliseconds: z.number(),
  }),
  DeliveryPage: z.object({ items: contract.listDeliveries.result.shape.items, next_cursor: cursor }),
  Redelivered: contract.redeliver.result,
  ExportPage: z.object({ items: z.array(exported), next_cursor: cursor }),
  TableList: z.object({ items: contract.listTables.result.shape.tables }),
  Task: contract.getTask.result.shape.task.unwrap(),
  Person: z.object({ ...entry, email: email.unwrap(), user_id: userId.unwrap() }),
  Named: z.object(entry),
  UploadResult: contract.uploadTasks.result.extend({ ok: z.literal(true), count }),
  CountryFigures: countryFigures,
  Metrics: z.record(z.string().regex(/^[A-Z]{3}$/), countryFigures),
  Quality: quality,
  Greeting: z.object({ message: z.string() }),
  CalculationRow: row,
  // Described in requests.ts and problems.ts.
  Rule: ruleSchema,
  Texts: texts,
  QuestionOption: optionSchema,
  Problem: problem,
};

const DESCRIPTIONS: Record<
  Exclude<keyof typeof components, 'Rule' | 'Texts' | 'QuestionOption' | 'Problem'>,
  string
> = {
  Flag: 'A rule that the response breaks, the message to the collector, and the answers concerned.',
  CollectReply:
    'The outcome for one response. For a response that was stored before, `status` may be what a manager decided. A flagged or returned response is included, so that the app can reopen it.',
  QueuedReply:
    'A response that is queued until the database is available again. Its flags are final. A flagged response is included, so that the app can reopen it immediately.',
  Rejection:
    'A rejected response of a batch: its index, from 0, and the reason. The problem `urn:collect:problem:not-processed` (status 503) means that time ran out before this response was checked: send it again. A response that was stored before and that a manager rejected has the status `rejected` too, and no `problem`.',
  BatchReply:
    '`results` has the order of the batch. `unchanged` counts responses that were already stored, `queued` those that will be stored later.',
  Health: 'The database is ready, and its kind.',
  Attachments:
    'The files of a response. `expected` are the names in its answers, `missing` those of files that have not arrived. Each `link` downloads a file without a token, for 15 minutes.',
  AttachmentUpload:
    'A request that uploads the file to S3, without a token. Send its headers unchanged. S3 refuses a body of another size or hash.',
  StoredResponse:
    'One revision of a response: it was read by `form_version` of its form and checked by the rules of `rules_version`. `response` is empty if the response was erased.',
  ResponsePage:
    '`next_cursor` is null on the last page. `received_at` and `previous_cursor`, which is null on the first page, come with `order=newest`; `count` and `capped` come with `count=true`.',
  Review:
    'A comment, a decision or an assignment. `status` is the response’s status after it, `author` the label of the author’s token, or its id. `applied` is false if it was acknowledged during an outage and was outdated when it was saved: it changed nothing.',
  QueuedReview: 'A review that is queued until the database is available again.',
  ReviewPage: '`next_cursor` is null on the last page.',
  Worklist:
    'Flagged and returned responses, with the reviews of their answers. `next_cursor` is null on the last page.',
  LateRevision: 'A response that was acknowledged, but saved too late to become a revision.',
  Revisions:
    '`items` has the revisions, oldest first, and `late` the late responses by `last_modified_time`. A page has at most 2 MB and 500 entries of each; `next_cursor` is null on the last page.',
  Submissions:
    '`items` has the submissions in order of arrival, newest last; `xml` is what the app sent. A page has at most 2 MB, but at least one submission; `next_cursor` is null on the last page.',
  FormSummary: 'The last version of a form.',
  FormList: 'Every form.',
  FormVersionList: 'The versions of a form, the newest first.',
  StoredForm: 'A version of a form, with every default filled in.',
  StoredQuestion: 'A question, or a group or repeat of questions.',
  StoredQuestions: 'Questions, groups and repeats, in their order.',
  StoredDerivedFact: 'A derived fact.',
  DryRun:
    'How many responses the rules would flag, with up to five examples per rule. `checked` counts the responses to which a rule applies, `not_applicable` those that lack an answer that it needs. `unreadable` counts the responses to which a rule does not apply because the type of a question has changed since. `complete` is false if time ran out before all responses were checked: then check fewer, with `since`. `sample` says what would happen to the sample, if one was sent.',
  RejudgeAccepted: 'The re-judge, and in `status_url` the address that shows its progress.',
  Rejudge:
    'A re-judge by the rules of `rules_version`. `responses_total` is an estimate. `checked` counts the responses checked so far, and `changed` those whose flags have changed. `error` states why the re-judge failed.',
  ExportAccepted: 'The export, and in `status_url` the address that shows its progress.',
  Export:
    'An export. `csv.url`, `ndjson.url` and `zip.url` download the files without a token, for an hour. `error` states why the export failed, and what to do.',
  CreatedToken:
    'A new token. Callers send the value of `token`, which only this reply contains. `odk_collect` is present for a device: what the app on its phone scans. So is `form_page`: the link that signs the phone’s browser in to the form page.',
  Me: 'The token of the request. `user_id` is the collector of a collector’s token. `token_id`, `label` and `expires_at` may be null for a minute after an update.',
  TokenPage: 'Newest first. `next_cursor` is null on the last page.',
  AuditPage:
    'Newest first. `detail` is the version of a form (for a re-judge also its `since`), the table and target of an export, the role of a token, or the host of a webhook. `next_cursor` is null on the last page.',
  Webhook:
    'A webhook: `events` of a form, or of every form, are posted to `url`. `state` is `off` if it is switched off or its receiver replied 410.',
  CreatedWebhook: 'A new webhook. Only this reply contains `secret`, which signs what is sent.',
  WebhookPage: 'Newest first. `next_cursor` is null on the last page.',
  WebhookTest: 'Whether the receiver took the test event; `status` of its reply, or null if there was none.',
  DeliveryPage:
    'Oldest first. An event of a live sheet has no `event_id`, `response_id`, `revision` and `user_id`. `next_cursor` is null on the last page.',
  Redelivered: 'The number of dead letters that are tried again.',
  ExportPage: 'Newest first. `next_cursor` is null on the last page.',
  TableList:
    'The tables that can be exported: the responses of each form, the entries of its repeats, and the system tables.',
  Task: 'A task, with the names of its owner, company and status. `response_id` is the flagged response that the task follows up, if any.',
  Person: 'A person who can own tasks. `user_id` is set if the person is a collector.',
  Named: 'A company or a task status.',
  UploadResult: '`count` tasks are in the file: `created` are new, `unchanged` are from an earlier upload.',
  CountryFigures: '`metric_a` by area and month (`YYYY-M`), `metric_b` by day. A missing value is null.',
  Metrics: 'Figures by three-letter country code.',
  Quality: 'Quality figures of a form, sorted by `key`: see docs/quality.md. A rate or a median of nothing is null.',
  Greeting: 'The greeting.',
  CalculationRow: 'The state after step `N`, counted from 0: decimal numbers, as text.',
};

const converted: Record<string, JsonSchema> = {
  ...toComponents(components, 'output'),
  // Reading fills in the key of a question, which a schema cannot express.
  StoredQuestions: arrayOf(ref('StoredQuestion')),
};

export const replySchemas: Record<string, JsonSchema> = Object.fromEntries(
  Object.entries(DESCRIPTIONS).map(([name, description]) => [name, { description, ...converted[name] }]),
);
