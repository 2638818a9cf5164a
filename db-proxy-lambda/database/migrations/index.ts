/**
 * Every change of the schema, ordered by name. A released migration is never edited.
 *
 * An expansion adds a table, an index or a nullable column, and earlier proxies keep working. A contract step removes
 * something, and names the migration that the live proxy must know: docs/runbook.md, "Changing the schema".
 */
import type { Database } from '../database.ts';
import { createResponses } from './0001-responses.ts';
import { createExports } from './0002-exports.ts';
import { createBirthdays } from './0003-birthdays.ts';
import { createAreaMetrics } from './0004-area-metrics.ts';
import { createTasks } from './0005-tasks.ts';
import { createResponseEvents } from './0006-response-events.ts';
import { createLateRevisions } from './0007-late-revisions.ts';
import { createTokens } from './0008-tokens.ts';
import { keepJsonAsWritten } from './0009-text-columns.ts';
import { createAudit } from './0010-audit.ts';
import { createRefusedEvents } from './0011-refused-events.ts';
import { addRulesVersion } from './0012-rules-version.ts';
import { addNdjson } from './0013-ndjson-exports.ts';
import { addVersionDeclared } from './0014-version-declared.ts';
import { indexExportTimes } from './0015-export-times.ts';
import { createUniqueKeys } from './0016-unique-keys.ts';
import { widenTableNames } from './0017-table-names.ts';
import { createRejudges } from './0018-rejudges.ts';
import { createAttachments } from './0019-attachments.ts';
import { addZip } from './0020-zip-exports.ts';
import { addReviewEvents } from './0021-review-events.ts';
import { createReviews } from './0022-reviews.ts';
import { createQuality } from './0023-quality.ts';
import { createWebhooks } from './0024-webhooks.ts';
import { createLiveSheets } from './0025-live-sheets.ts';
import { indexBrowsing } from './0026-browsing.ts';
import { addConsumed } from './0027-consumed-events.ts';
import { addTaskDecisions } from './0028-task-decisions.ts';
import { neverReuseIds } from './0029-deleted-ids.ts';
import { addTaskReviews } from './0030-task-reviews.ts';

export type MigrationStep = (database: Database) => Promise<void>;

export type ContractSteps = Readonly<Record<string, { needs: string }>>;

export const migrations: Record<string, MigrationStep> = {
  '0001-responses': createResponses,
  '0002-exports': createExports,
  '0003-birthdays': createBirthdays,
  '0004-area-metrics': createAreaMetrics,
  '0005-tasks': createTasks,
  '0006-response-events': createResponseEvents,
  '0007-late-revisions': createLateRevisions,
  '0008-tokens': createTokens,
  '0009-text-columns': keepJsonAsWritten,
  '0010-audit': createAudit,
  '0011-refused-events': createRefusedEvents,
  '0012-rules-version': addRulesVersion,
  '0013-ndjson-exports': addNdjson,
  '0014-version-declared': addVersionDeclared,
  '0015-export-times': indexExportTimes,
  '0016-unique-keys': createUniqueKeys,
  '0017-table-names': widenTableNames,
  '0018-rejudges': createRejudges,
  '0019-attachments': createAttachments,
  '0020-zip-exports': addZip,
  '0021-review-events': addReviewEvents,
  '0022-reviews': createReviews,
  '0023-quality': createQuality,
  '0024-webhooks': createWebhooks,
  '0025-live-sheets': createLiveSheets,
  '0026-browsing': indexBrowsing,
  '0027-consumed-events': addConsumed,
  '0028-task-decisions': addTaskDecisions,
  '0029-deleted-ids': neverReuseIds,
  '0030-task-reviews': addTaskReviews,
};

/** The contract steps by name, each with the migration that the live proxy must know before the step runs. */
export const contractSteps: ContractSteps = {};
