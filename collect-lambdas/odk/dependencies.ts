import { snapshotFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import type { Logger } from '../shared/logger.ts';
import { submissionDependencies } from '../shared/submissions/dependencies.ts';
import { createTokenCheck } from '../shared/token-check.ts';
import { createDeviceCheck } from './device.ts';
import { createFormFiles } from './form-files.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment, logger: Logger) {
  const submissions = submissionDependencies(environment, logger);
  const { dbProxy, forms, files, now } = submissions;
  const { findToken } = snapshotFrom(environment);
  return {
    ...submissions,
    checkDevice: createDeviceCheck(createTokenCheck({ dbProxy, findToken, logger, now }), now),
    formFiles: createFormFiles({ forms, files, logger, now }),
  };
}
