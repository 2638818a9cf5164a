/**
 * Bodies of replies: the results of the proxy's contract, and the replies that Lambdas build from them.
 * tests/docs/replies.test.ts compares the schemas with the replies of a running stack.
 */
import * as z from 'zod';
import type { ProblemDetails } from '../../collect-lambdas/shared/problem.ts';
import { contract } from '../../db-proxy-lambda/contract.ts';
import { derivedFactSchema, formSchema, ruleSchema } from '../../forms/definition/form-definition.ts';
import { itemDefinition, questionsSchema } from '../../forms/question-types/index.ts';
import { optionSchema } from '../../forms/question-types/options.ts';
import { texts } from '../../forms/values/texts.ts';

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

export const components = {
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
