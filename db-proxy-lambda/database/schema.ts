/**
 * The tables as Kysely sees them; each feature declares its own. Times are text in UTC: both databases sort and return
 * it alike.
 */
import type { AttachmentTables } from '../attachments/rows.ts';
import type { AuditTables } from '../audit/rows.ts';
import type { BirthdayTables } from '../birthdays/rows.ts';
import type { ExportTables } from '../exports/rows.ts';
import type { FormTables } from '../forms/rows.ts';
import type { LeaseTables } from '../leases/rows.ts';
import type { LiveSheetTables } from '../live-sheets/rows.ts';
import type { MetricTables } from '../metrics/rows.ts';
import type { OutboxTables } from '../outbox/rows.ts';
import type { QualityTables } from '../quality/rows.ts';
import type { RejudgeTables } from '../rejudges/rows.ts';
import type { ResponseTables } from '../responses/rows.ts';
import type { ReviewTables } from '../reviews/rows.ts';
import type { TaskTables } from '../tasks/rows.ts';
import type { TokenTables } from '../tokens/rows.ts';
import type { WebhookTables } from '../webhooks/rows.ts';

export interface Schema
  extends
    ResponseTables,
    AttachmentTables,
    OutboxTables,
    FormTables,
    ExportTables,
    QualityTables,
    RejudgeTables,
    ReviewTables,
    LeaseTables,
    LiveSheetTables,
    BirthdayTables,
    MetricTables,
    TaskTables,
    TokenTables,
    AuditTables,
    WebhookTables {}
