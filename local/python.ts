/** The program that runs Python functions on this machine. */

/** COLLECT_PYTHON, or the machine's own Python, which may be missing. */
export function findPython(environment: NodeJS.ProcessEnv = process.env): string {
  return environment['COLLECT_PYTHON'] || 'python3';
}
