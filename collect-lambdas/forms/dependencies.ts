import { REJUDGE } from '../shared/background-job.ts';
import { fileStoreFrom, jobQueueFrom, proxyAndRecorder, snapshotStoreFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import type { Logger } from '../shared/logger.ts';
import { leaveMarker } from '../shared/owed.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment, logger: Logger) {
  const store = snapshotStoreFrom(environment);
  return {
    ...proxyAndRecorder(environment, logger),
    files: fileStoreFrom(environment),
    enqueue: jobQueueFrom(environment, REJUDGE),
    leaveMarker: (key: string, about: Record<string, string>) => leaveMarker(store, logger, key, about),
  };
}
