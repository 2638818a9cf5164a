/** A phone: JavaRosa, the engine of ODK Collect, and the requests that the app makes. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';

const PHONE = '../shared/tools/phone/phone';
/** The exit code of a phone without Java or Maven. */
const CANNOT_RUN = 3;

/** The first call builds the phone. */
function whyNoPhone(): string | undefined {
  if (!existsSync(PHONE)) return 'the phone is not beside this repository';
  return spawnSync(PHONE, []).status === CANNOT_RUN ? 'Java or Maven is missing' : undefined;
}

/** A suite that is skipped where no phone can run. */
export function describeWithPhone(name: string, suite: () => void): void {
  const reason = whyNoPhone();
  if (reason === undefined) describe(name, suite);
  else test(`SKIPPED: ${name}, because ${reason}`, () => expect.assertions(0));
}

/** Runs the phone. @returns the JSON object that it prints; its README describes it */
export async function phone(...parameters: readonly string[]): Promise<Record<string, unknown>> {
  const child = spawn(PHONE, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
  const printed: Record<string, unknown> = JSON.parse(await text(child.stdout));
  return printed;
}
