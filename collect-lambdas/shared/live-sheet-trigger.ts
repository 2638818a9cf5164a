/** Starts the worker of live sheets by a message. */
import { queueFrom } from './dependencies.ts';
import type { Environment } from './environment.ts';
import { traceOf, type Logger } from './logger.ts';

/** Never throws: a schedule also starts the worker. */
export type TriggerLiveSheets = () => Promise<void>;

export function liveSheetTriggerFrom(environment: Environment, logger: Logger): TriggerLiveSheets {
  const send = queueFrom(environment, 'LIVE_SHEET_QUEUE_URL');
  return async () => {
    try {
      await send('{}');
    } catch (error) {
      logger.error('live sheets not triggered', traceOf(error));
    }
  };
}
