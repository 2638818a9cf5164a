import type { OperationHandlers } from '../operation-handler.ts';
import type { auditOperations } from './contract.ts';
import { listAuditEvents } from './queries.ts';

export const auditHandlers: OperationHandlers<typeof auditOperations> = {
  listAuditEvents: async ({ db }, input) => {
    const { items, more } = await listAuditEvents(db, input);
    const last = items.at(-1);
    return { items, next: more && last ? { at: last.at, id: last.id } : null };
  },
};
