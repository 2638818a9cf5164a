/** The Python that runs Collect's Python function on this machine. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** The Python environment that `npm run xlsform -- --install` makes. npm runs scripts in the project's folder. */
export const PYTHON_FOLDER = '.local/python';

/** COLLECT_PYTHON, or the Python of the environment above, or the machine's own, which may lack pyxform or not exist. */
export function findPython(environment: NodeJS.ProcessEnv = process.env): string {
  const installed = resolve(PYTHON_FOLDER, 'bin', 'python3');
  return environment['COLLECT_PYTHON'] || (existsSync(installed) ? installed : 'python3');
}
