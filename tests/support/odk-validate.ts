/** ODK Validate, which checks whether ODK Collect can open a form. It comes with the Python package pyxform. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';

const JAR = process.env['ODK_VALIDATE'] ?? '.local/odk-validate/ODK_Validate.jar';

function whyNotThere(): string | undefined {
  if (spawnSync('java', ['-version']).status !== 0) return 'Java is missing';
  return existsSync(JAR) ? undefined : 'tests/support/install-odk-validate.sh was not run';
}

/** Validates forms. @returns the output of ODK Validate if it refuses a form; undefined if all are valid */
export async function faultsOfXforms(files: readonly string[]): Promise<string | undefined> {
  const child = spawn('java', ['-jar', JAR, ...files], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [printed, complaints, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return code === 0 ? undefined : printed + complaints;
}

/** A suite that is skipped where ODK Validate or Java is missing. */
export function describeWithValidate(name: string, suite: () => void): void {
  const reason = whyNotThere();
  if (reason === undefined) describe(name, suite);
  else test(`SKIPPED: ${name}, because ${reason}`, () => expect.assertions(0));
}
