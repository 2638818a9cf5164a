/** Keeps Google sheets in step with their forms: a trigger comes after each run of the publisher, and each ten minutes. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { traceOf } from '../shared/logger.ts';
import type { Dependencies } from './dependencies.ts';
import { runSheet } from './run-sheet.ts';

/** A run starts no further work after this time; the function has two minutes more. */
const RUN_MS = 780_000;

/**
 * Runs every sheet that is due. All triggers are equal, so one run serves a whole batch. If another worker has a sheet, that
 * worker also writes what this trigger is about (`claimLiveSheet`). If something is left, the triggers stay in the queue.
 *
 * @throws {Error} for a scheduled run, if something is left
 */
export function createHandler(dependencies: Dependencies) {
  return async ({ Records: triggers }: Partial<SQSEvent>): Promise<SQSBatchResponse> => {
    const isComplete = await runSheets(dependencies);
    if (isComplete) return { batchItemFailures: [] };
    if (triggers === undefined) throw new Error('Not every live sheet could be tried.');
    await dependencies.backOff(triggers);
    return { batchItemFailures: triggers.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

async function runSheets(dependencies: Dependencies): Promise<boolean> {
  const { dbProxy, clock, logger } = dependencies;
  const deadline = clock.now() + RUN_MS;
  try {
    const { form_ids: forms } = await dbProxy.call('listDueLiveSheets', { now: new Date(clock.now()).toISOString() });
    let isComplete = true;
    for (const formId of forms) {
      try {
        if ((await runSheet(dependencies, formId, deadline)) === 'left') isComplete = false;
      } catch (error) {
        logger.error('live sheet interrupted', { form_id: formId, ...traceOf(error) });
        isComplete = false;
      }
    }
    return isComplete;
  } catch (error) {
    logger.error('live sheets not listed', traceOf(error));
    return false;
  }
}
