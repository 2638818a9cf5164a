import type { OperationHandlers } from '../operation-handler.ts';
import type { auditOperations } from './contract.ts';
import { listAuditEvents } from './queries.ts';

export const auditHandlers: OperationHandlers<typeof auditOperations> = {
  listAuditEvents: ({ db }, input) => listAuditEvents(db, input),
};
