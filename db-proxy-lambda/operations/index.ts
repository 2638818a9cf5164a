import type * as z from 'zod';
import { contract, type Operation } from '../contract.ts';
import type { Database } from '../database/database.ts';
import { describeSchema } from './describe-schema.ts';
import { migrateSchema } from './migrate-schema.ts';
import { getBirthday } from './get-birthday.ts';
import { listTables } from './list-tables.ts';
import { findTable } from './find-table.ts';
import { requestExport } from './request-export.ts';
import { getExport } from './get-export.ts';
import { listExports } from './list-exports.ts';
import { claimExport } from './claim-export.ts';
import { readTable } from './read-table.ts';
import { reportExport } from './report-export.ts';
import { finishExport } from './finish-export.ts';
import { listStalledExports } from './list-stalled-exports.ts';
import { takeLease } from './take-lease.ts';
import { takeTurn } from './take-turn.ts';
import { releaseLease } from './release-lease.ts';
import { getForm } from './get-form.ts';
import { getResponse } from './get-response.ts';
import { listForms } from './list-forms.ts';
import { listResponses } from './list-responses.ts';
import { listRevisions } from './list-revisions.ts';
import { listLateRevisions } from './list-late-revisions.ts';
import { eraseResponse } from './erase-response.ts';
import { listMetricSeries } from './list-metric-series.ts';
import { ping } from './ping.ts';
import { putBirthday } from './put-birthday.ts';
import { putForm } from './put-form.ts';
import { readMetrics } from './read-metrics.ts';
import { saveAreaMetrics } from './save-area-metrics.ts';
import { claimResponseEvents } from './claim-response-events.ts';
import { refuseResponseEvents } from './refuse-response-events.ts';
import { saveResponses } from './save-responses.ts';
import { listDirectory } from './list-directory.ts';
import { getDirectoryEntry } from './get-directory-entry.ts';
import { createDirectoryEntry } from './create-directory-entry.ts';
import { updateDirectoryEntry } from './update-directory-entry.ts';
import { deleteDirectoryEntry } from './delete-directory-entry.ts';
import { listTasks } from './list-tasks.ts';
import { getTask } from './get-task.ts';
import { createTask } from './create-task.ts';
import { updateTask } from './update-task.ts';
import { deleteTask } from './delete-task.ts';
import { uploadTasks } from './upload-tasks.ts';
import { createToken } from './create-token.ts';
import { checkToken } from './check-token.ts';
import { listTokens } from './list-tokens.ts';
import { listTokenHashes } from './list-token-hashes.ts';
import { revokeToken } from './revoke-token.ts';
import { listAuditEvents } from './list-audit-events.ts';
import { followUpResponse } from './follow-up-response.ts';

/** An operation whose input has been read: ready to be carried out, or the fields that do not fit the contract. */
export type Prepared = { ok: true; run: (database: Database) => Promise<unknown> } | { ok: false; fields: string[] };

/** Every operation of the contract; the type makes sure that none is missing. */
export const operations: Record<Operation, (input: unknown) => Prepared> = {
  ping: prepare(contract.ping.input, ping),
  describeSchema: prepare(contract.describeSchema.input, describeSchema),
  migrateSchema: prepare(contract.migrateSchema.input, migrateSchema),
  saveResponses: prepare(contract.saveResponses.input, saveResponses),
  claimResponseEvents: prepare(contract.claimResponseEvents.input, claimResponseEvents),
  refuseResponseEvents: prepare(contract.refuseResponseEvents.input, refuseResponseEvents),
  listResponses: prepare(contract.listResponses.input, listResponses),
  getResponse: prepare(contract.getResponse.input, getResponse),
  listRevisions: prepare(contract.listRevisions.input, listRevisions),
  listLateRevisions: prepare(contract.listLateRevisions.input, listLateRevisions),
  eraseResponse: prepare(contract.eraseResponse.input, eraseResponse),
  listForms: prepare(contract.listForms.input, listForms),
  getForm: prepare(contract.getForm.input, getForm),
  putForm: prepare(contract.putForm.input, putForm),
  listDirectory: prepare(contract.listDirectory.input, listDirectory),
  getDirectoryEntry: prepare(contract.getDirectoryEntry.input, getDirectoryEntry),
  createDirectoryEntry: prepare(contract.createDirectoryEntry.input, createDirectoryEntry),
  updateDirectoryEntry: prepare(contract.updateDirectoryEntry.input, updateDirectoryEntry),
  deleteDirectoryEntry: prepare(contract.deleteDirectoryEntry.input, deleteDirectoryEntry),
  listTasks: prepare(contract.listTasks.input, listTasks),
  getTask: prepare(contract.getTask.input, getTask),
  createTask: prepare(contract.createTask.input, createTask),
  updateTask: prepare(contract.updateTask.input, updateTask),
  deleteTask: prepare(contract.deleteTask.input, deleteTask),
  uploadTasks: prepare(contract.uploadTasks.input, uploadTasks),
  followUpResponse: prepare(contract.followUpResponse.input, followUpResponse),
  saveAreaMetrics: prepare(contract.saveAreaMetrics.input, saveAreaMetrics),
  listMetricSeries: prepare(contract.listMetricSeries.input, listMetricSeries),
  readMetrics: prepare(contract.readMetrics.input, readMetrics),
  putBirthday: prepare(contract.putBirthday.input, putBirthday),
  getBirthday: prepare(contract.getBirthday.input, getBirthday),
  listTables: prepare(contract.listTables.input, listTables),
  findTable: prepare(contract.findTable.input, findTable),
  requestExport: prepare(contract.requestExport.input, requestExport),
  getExport: prepare(contract.getExport.input, getExport),
  listExports: prepare(contract.listExports.input, listExports),
  claimExport: prepare(contract.claimExport.input, claimExport),
  readTable: prepare(contract.readTable.input, readTable),
  reportExport: prepare(contract.reportExport.input, reportExport),
  finishExport: prepare(contract.finishExport.input, finishExport),
  listStalledExports: prepare(contract.listStalledExports.input, listStalledExports),
  takeLease: prepare(contract.takeLease.input, takeLease),
  releaseLease: prepare(contract.releaseLease.input, releaseLease),
  takeTurn: prepare(contract.takeTurn.input, takeTurn),
  createToken: prepare(contract.createToken.input, createToken),
  checkToken: prepare(contract.checkToken.input, checkToken),
  listTokens: prepare(contract.listTokens.input, listTokens),
  listTokenHashes: prepare(contract.listTokenHashes.input, listTokenHashes),
  revokeToken: prepare(contract.revokeToken.input, revokeToken),
  listAuditEvents: prepare(contract.listAuditEvents.input, listAuditEvents),
};

function prepare<I>(schema: z.ZodType<I>, perform: (database: Database, input: I) => Promise<unknown>) {
  return (input: unknown): Prepared => {
    const read = schema.safeParse(input);
    return read.success
      ? { ok: true, run: (database) => perform(database, read.data) }
      : { ok: false, fields: read.error.issues.map((issue) => issue.path.join('.') || 'input') };
  };
}
