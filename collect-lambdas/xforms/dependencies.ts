import { fileStoreFrom, proxyAndRecorder } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import type { Logger } from '../shared/logger.ts';
import { createConverter } from './converter.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment, logger: Logger) {
  return {
    ...proxyAndRecorder(environment, logger),
    files: fileStoreFrom(environment),
    convert: createConverter(environment.text('XLSFORM_FUNCTION')),
  };
}
