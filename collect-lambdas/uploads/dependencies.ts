import { backOffFrom, deadLetterFrom, fileStoreFrom, workerDbProxyFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import type { Logger } from '../shared/logger.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment, logger: Logger) {
  return {
    dbProxy: workerDbProxyFrom(environment),
    files: fileStoreFrom(environment),
    deadLetter: deadLetterFrom(environment, 'UPLOADS_DEAD_LETTERS_URL', logger),
    backOff: backOffFrom(environment, 'UPLOADS_QUEUE_URL', logger),
  };
}
