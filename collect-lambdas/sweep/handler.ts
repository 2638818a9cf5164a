/** Queues exports again that nobody runs although somebody should. */
import type { Dependencies } from './dependencies.ts';

/** A message needs no longer than this to reach a worker. */
const QUEUED_FOR_MS = 60_000;

/** Queues each again. Should its message still be there, the second one finds the export claimed or finished. */
export function createHandler({ dbProxy, enqueue, logger, now }: Dependencies) {
  return async (): Promise<void> => {
    const queuedBefore = new Date(now() - QUEUED_FOR_MS).toISOString();
    const { export_ids: exportIds } = await dbProxy.call('listStalledExports', { queued_before: queuedBefore });
    for (const exportId of exportIds) {
      logger.warn('export queued again', { export_id: exportId });
      await enqueue({ export_id: exportId });
    }
  };
}
