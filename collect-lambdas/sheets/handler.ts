/** Runs the exports of the queue, one message at a time. */
import { annotate } from '@collect/tracing';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { exportMessage } from '../shared/export-message.ts';
import { traceOf } from '../shared/logger.ts';
import type { Dependencies } from './dependencies.ts';
import { runExport } from './run-export.ts';

/** Runs each export. If one is interrupted, its message stays in the queue. */
export function createHandler(dependencies: Dependencies) {
  return async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
    for (const { messageId, body } of event.Records) {
      let exportId: string | undefined;
      try {
        ({ export_id: exportId } = exportMessage.parse(JSON.parse(body)));
        annotate({ export_id: exportId });
        await runExport(dependencies, exportId);
      } catch (error) {
        dependencies.logger.error('export interrupted', { messageId, export_id: exportId, ...traceOf(error) });
        batchItemFailures.push({ itemIdentifier: messageId });
      }
    }
    return { batchItemFailures };
  };
}
