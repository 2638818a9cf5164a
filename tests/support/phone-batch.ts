/**
 * A phone: JavaRosa, the engine of ODK Collect, and the requests that the app makes. One Java process serves a whole
 * suite, because a start of the phone takes longer than a form.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';

const PHONE = '../shared/tools/phone/phone';

/** The exit code of a phone without Java or Maven. */
const CANNOT_RUN = 3;

/** The folder of this run, set by tests/setup. Its suites share the compiled classes. */
const RUN_FOLDER = process.env['COLLECT_TEST_FOLDER'] ?? '';
const CLASSES = path.join(RUN_FOLDER, 'phone-batch');

/** The first call builds the phone. */
function whyNoBatch(): string | undefined {
  if (existsSync(CLASSES)) return undefined;
  if (!existsSync(PHONE)) return 'the phone is not beside this repository';
  if (spawnSync(PHONE, []).status === CANNOT_RUN) return 'Java or Maven is missing';
  return spawnSync('javac', ['-version']).status === 0 ? undefined : 'the Java compiler is missing';
}

/** A suite that is skipped where no phone can run. Its phones are switched off after it. */
export function describeWithBatch(name: string, suite: () => void): void {
  const reason = whyNoBatch();
  if (reason === undefined) {
    describe(name, suite);
    afterAll(switchOff);
  } else test(`SKIPPED: ${name}, because ${reason}`, () => expect.assertions(0));
}

/**
 * A form to fill in. `answers` are by path, as the phone's README describes them; with `auto`, a seed, they are invented.
 * `media` is the folder of the form's media. `sent` is the file of a submission to correct by editing it.
 */
export type Order = { form: string; media?: string; username?: string; sent?: string } & (
  { answers: Readonly<Record<string, unknown>> } | { auto: number }
);

const filled = z.object({
  /** The violations that the phone reports when the form is finished. */
  violations: z.array(z.object({ path: z.string(), kind: z.string(), message: z.string() })),
  /** The paths of given answers whose questions were not asked. */
  not_asked: z.array(z.string()),
  /** The labels of the questions that are asked, by path. */
  labels: z.record(z.string(), z.string()),
  submission: z.string(),
  /** Null if the form has no instanceID. */
  instance_id: z.string().nullable(),
});
export type Filled = z.infer<typeof filled>;

/** Fills in forms, in their order. @param timeZone the phone's time zone @throws {Error} if a form cannot be opened */
export async function fillBatch(orders: readonly Order[], timeZone = 'UTC'): Promise<Filled[]> {
  const lines = await Promise.all(orders.map((order) => follow(order, timeZone)));
  return lines.map((line) => {
    const result = filled.safeParse(JSON.parse(line));
    if (!result.success) throw new Error(`The phone could not fill in a form: ${line}`);
    return result.data;
  });
}

/** Downloads forms. @returns the members that the phone's README describes under `get` */
export async function getForms(url: string, folder: string, formId: string): Promise<Record<string, unknown>> {
  const said: Record<string, unknown> = JSON.parse(await follow({ get: url, folder, form_id: formId }));
  return said;
}

/** Sends a submission with its files. @returns the members that the phone's README describes under `send` */
export async function sendSubmission(
  url: string,
  submission: string,
  files: readonly string[] = [],
): Promise<Record<string, unknown>> {
  const said: Record<string, unknown> = JSON.parse(await follow({ send: url, submission, files }));
  return said;
}

type Phone = ReturnType<typeof switchOn>;

/** The suite's phones, by time zone. */
const phones = new Map<string, Phone>();

/** Gives the phone an order. @returns the line that it prints */
async function follow(order: object, timeZone = 'UTC'): Promise<string> {
  const phone = phones.get(timeZone) ?? switchOn(timeZone);
  phones.set(timeZone, phone);
  phone.child.stdin.write(`${JSON.stringify(order)}\n`);
  const { done, value } = await phone.lines.next();
  if (done === true) throw new Error(`The phone stopped: ${phone.complaints.join('')}`);
  return value;
}

function switchOn(timeZone: string) {
  const classPath = `${compiled()}:${phoneClasses()}`;
  const quickStart = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'];
  const options = [...quickStart, '-Xss8m', `-Duser.timezone=${timeZone}`, '-cp', classPath];
  const child = spawn('java', [...options, 'phone.PhoneBatch'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const complaints: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text));
  return { child, complaints, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

async function switchOff(): Promise<void> {
  for (const { child } of phones.values()) {
    child.stdin.end();
    if (child.exitCode === null) await once(child, 'exit');
  }
  phones.clear();
}

/** Compiles the batch, unless another suite of this run has done so. @returns the folder of its classes */
function compiled(): string {
  if (existsSync(CLASSES)) return CLASSES;
  const folder = mkdtempSync(path.join(RUN_FOLDER, 'phone-batch-'));
  const sources = globSync('tests/support/phone-batch/*.java');
  const { status, stderr } = spawnSync('javac', ['-d', folder, '-cp', phoneClasses(), ...sources]);
  if (status !== 0) throw new Error(`javac failed: ${String(stderr)}`);
  // Another worker may have been faster; its classes are the same.
  if (existsSync(CLASSES)) return CLASSES;
  renameSync(folder, CLASSES);
  return CLASSES;
}

/** The class path of the built phone. */
function phoneClasses(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  const ready = globSync(path.join(cache, 'collect-phone', 'java-*', 'ready'))
    .toSorted()
    .at(-1);
  if (ready === undefined) throw new Error('The phone was not built.');
  const built = path.dirname(ready);
  return `${built}/classes:${built}/lib/*`;
}
