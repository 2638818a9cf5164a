/** The Python that converts XLSForms in tests. */
import { spawnSync } from 'node:child_process';
import { findPython } from '../../local/python.ts';

/** Whether this machine can convert XLSForms. Tests that need it have this reason in their name. */
export const hasPyxform = spawnSync(findPython(), ['-c', 'import pyxform']).status === 0;
export const NEEDS_PYXFORM = 'needs pyxform: npm run xlsform -- --install';

/** A suite that is skipped where pyxform is missing. */
export const describeWithPyxform = (name: string, suite: () => void): void =>
  (hasPyxform ? describe : describe.skip)(`${name} (${NEEDS_PYXFORM})`, suite);
