/** Many forms filled by JavaRosa in one Java process: a start of the phone takes longer than a form. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import * as z from 'zod';

const PHONE = '../shared/tools/phone/phone';

/** The exit code of a phone without Java or Maven. */
const CANNOT_RUN = 3;

/** The first call builds the phone. */
function whyNoBatch(): string | undefined {
  if (!existsSync(PHONE)) return 'the phone is not beside this repository';
  if (spawnSync(PHONE, []).status === CANNOT_RUN) return 'Java or Maven is missing';
  return spawnSync('javac', ['-version']).status === 0 ? undefined : 'the Java compiler is missing';
}

/** A suite that is skipped where no phone can run. */
export function describeWithBatch(name: string, suite: () => void): void {
  const reason = whyNoBatch();
  if (reason === undefined) describe(name, suite);
  else test(`SKIPPED: ${name}, because ${reason}`, () => expect.assertions(0));
}

/**
 * A form to fill in. `answers` are by path, as the phone's README describes them; with `auto`, a seed, they are invented.
 * `media` is the folder of the form's media.
 */
export type Order = { form: string; media?: string } & (
  { answers: Readonly<Record<string, unknown>> } | { auto: number }
);

const filled = z.object({
  /** What the phone would object to when the form is finished. */
  violations: z.array(z.object({ path: z.string(), kind: z.string(), message: z.string() })),
  /** The labels of the questions that are asked, by path. */
  labels: z.record(z.string(), z.string()),
  submission: z.string(),
});
export type Filled = z.infer<typeof filled>;

/** Fills forms, in their order. @param timeZone where the phone is @throws {Error} if a form cannot be opened, or if the phone was never built */
export async function fillBatch(orders: readonly Order[], timeZone = 'UTC'): Promise<Filled[]> {
  const classPath = `${compiled()}:${phoneClasses()}`;
  const options = ['-XX:TieredStopAtLevel=1', '-Xss8m', `-Duser.timezone=${timeZone}`, '-cp', classPath];
  const child = spawn('java', [...options, 'phone.PhoneBatch'], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(orders.map((order) => `${JSON.stringify(order)}\n`).join(''));
  const [printed, complaints] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  const lines = printed.trim().split('\n');
  if (lines.length !== orders.length) throw new Error(`The phone stopped: ${complaints}`);
  return lines.map((line) => {
    const result = filled.safeParse(JSON.parse(line));
    if (!result.success) throw new Error(`The phone could not fill in a form: ${line}`);
    return result.data;
  });
}

let classes: string | undefined;

function compiled(): string {
  if (classes !== undefined) return classes;
  const folder = mkdtempSync(path.join(tmpdir(), 'phone-batch-'));
  const sources = globSync('tests/support/phone-batch/*.java');
  const { status, stderr } = spawnSync('javac', ['-d', folder, '-cp', phoneClasses(), ...sources]);
  if (status !== 0) throw new Error(`javac failed: ${String(stderr)}`);
  classes = folder;
  return folder;
}

/** Where the phone has its classes, once it was built. */
function phoneClasses(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  const ready = globSync(path.join(cache, 'collect-phone', 'java-*', 'ready'))
    .toSorted()
    .at(-1);
  if (ready === undefined) throw new Error('The phone was not built.');
  const built = path.dirname(ready);
  return `${built}/classes:${built}/lib/*`;
}
