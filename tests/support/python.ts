/** Whether XLSForms can be converted on this machine. */
import { spawnSync } from 'node:child_process';
import { findPython } from '../../local/python.ts';

const CHECK = 'import sys; sys.path.insert(0, "xlsform-lambda/function"); import handler; sys.exit(handler.MISSING)';

export const hasPyxform = spawnSync(findPython(), ['-c', CHECK]).status === 0;

/** A suite that is skipped where pyxform is missing. */
export const describeWithPyxform = (name: string, suite: () => void): void =>
  (hasPyxform ? describe : describe.skip)(`${name} (needs pyxform: npm run xlsform -- --install)`, suite);
