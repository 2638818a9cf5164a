/** The engine of ODK's web forms, without a browser: it fills in a form, or edits what was sent, and writes the submission. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';

const ENGINE = '../shared/tools/phone/edit-in-browser-engine.mjs';

/** The folder in which the engine installs itself, which takes npm and a registry. */
const CACHE = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'collect-phone');

const isInstalled = (): boolean => globSync(path.join(CACHE, 'browser-engine-*', 'ready')).length > 0;

/** The first call installs the engine. */
function whyNoEngine(): string | undefined {
  if (!existsSync(ENGINE)) return 'the engine is not beside this repository';
  // An empty form: the engine refuses it, once it is installed.
  if (!isInstalled()) spawnSync(process.execPath, [ENGINE, '/dev/null', '-', '/dev/null', '/dev/null']);
  return isInstalled() ? undefined : 'the packages of the engine cannot be installed';
}

/** A suite that is skipped where the engine cannot run. */
export function describeWithBrowserEngine(name: string, suite: () => void): void {
  const reason = whyNoEngine();
  if (reason === undefined) describe(name, suite);
  else test(`SKIPPED: ${name}, because ${reason}`, () => expect.assertions(0));
}

const written = z.object({
  violations: z.array(z.object({ path: z.string() })),
  /** The paths of given answers whose questions were not asked. */
  not_asked: z.array(z.string()),
  instance_id: z.string(),
  /** The id of the submission that was edited; null for a new one. */
  deprecated_id: z.string().nullable(),
});
export type Written = z.infer<typeof written> & { submission: string };

/**
 * Fills in a form, or edits a submission.
 *
 * @param answers by path, as the engine's README describes them
 * @param sent the XML of the submission to edit
 * @throws {Error} if the engine cannot open the form or the submission, or does not ask an answer's question
 */
export async function fillInBrowserEngine(
  form: string,
  answers: Readonly<Record<string, unknown>>,
  sent?: string,
): Promise<Written> {
  const folder = mkdtempSync(path.join(tmpdir(), 'collect-browser-engine-'));
  const at = (name: string): string => path.join(folder, name);
  try {
    writeFileSync(at('form.xml'), form);
    writeFileSync(at('answers.json'), JSON.stringify(answers));
    if (sent !== undefined) writeFileSync(at('sent.xml'), sent);
    const files = [at('form.xml'), sent === undefined ? '-' : at('sent.xml'), at('answers.json'), at('out.xml')];
    const { stdout } = await promisify(execFile)(process.execPath, [ENGINE, ...files]);
    const said = written.parse(JSON.parse(stdout));
    if (said.not_asked.length > 0) throw new Error(`The form did not ask ${said.not_asked.join()}.`);
    return { ...said, submission: readFileSync(at('out.xml'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
