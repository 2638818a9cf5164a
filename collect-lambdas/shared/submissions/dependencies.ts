import { createFormStore } from '../form-store.ts';
import { fileStoreFrom, guardedDbProxyFrom, publishTriggerFrom, queueFrom, snapshotFrom } from '../dependencies.ts';
import type { Environment } from '../environment.ts';
import type { FileStore } from '../file-store.ts';
import type { FormStore } from '../form-store.ts';
import type { SaveDependencies } from '../intake/save.ts';
import type { Logger } from '../logger.ts';
import { createFindForm, type FindForm } from './find-form.ts';

/** The dependencies of the code that saves submissions. */
export interface SubmissionDependencies extends SaveDependencies {
  forms: FormStore;
  findForm: FindForm;
  files: FileStore;
  /** Milliseconds since 1970. */
  now: () => number;
}

export function submissionDependencies(
  environment: Environment,
  logger: Logger,
): Omit<SubmissionDependencies, 'logger'> {
  const dbProxy = guardedDbProxyFrom(environment);
  const files = fileStoreFrom(environment);
  const forms = createFormStore(dbProxy, snapshotFrom(environment), logger);
  return {
    dbProxy,
    files,
    forms,
    findForm: createFindForm(forms, files),
    enqueue: queueFrom(environment, 'WRITE_QUEUE_URL'),
    triggerPublish: publishTriggerFrom(environment, logger),
    now: Date.now,
  };
}
