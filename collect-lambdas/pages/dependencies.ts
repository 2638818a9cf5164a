import pack from '../../console/dist/pages.pack' with { type: 'text' };
import type { Environment } from '../shared/environment.ts';
import { rootOf } from '../shared/s3-requests.ts';
import { createPages } from './handler.ts';

/** All files are embedded in the bundle. */
export function createDependencies(environment: Environment) {
  const files = rootOf(environment.text('FILES_BUCKET'), environment.variables);
  return createPages(pack, new URL(files).origin);
}
