/** Runs the exports of the queue. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { EXPORT, runJobs } from '../shared/background-job.ts';
import type { Dependencies } from './dependencies.ts';
import { runExport } from './run-export.ts';

export function createHandler(dependencies: Dependencies) {
  return (event: SQSEvent): Promise<SQSBatchResponse> =>
    runJobs(dependencies.logger, EXPORT, event, (exportId) => runExport(dependencies, exportId));
}
