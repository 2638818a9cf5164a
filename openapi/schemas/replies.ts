/** Describes the bodies of replies for the OpenAPI document. */
import { arrayOf, type JsonSchema, ref } from '../../collect-lambdas/shared/route-docs.ts';
import { toComponents } from '../json-schema.ts';
import { components } from './reply-bodies.ts';

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
  FormSummary: 'The newest version of a form.',
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
    'Newest first. `detail` is the version of a form (for a re-judge also its `since`), the table and target of an export, the role and collector of a token, the host of a webhook, the spreadsheet and tab of a live sheet, or the action and revision of a review. `next_cursor` is null on the last page.',
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
