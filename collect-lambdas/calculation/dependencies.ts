import { createLogger, type Logger } from '../shared/logger.ts';

export interface Dependencies {
  logger: Logger;
}

/** The real ones. A calculation needs nothing of its surroundings. */
export function createDependencies(): Dependencies {
  return { logger: createLogger('calculation') };
}
