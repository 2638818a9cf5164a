/**
 * `npm run chaos [-- --responses N --seed S --server KIND]`: writers post and correct responses while every part of the
 * system fails. With `--outage SECONDS` only the database fails, once, and all execution environments are new.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { generateHouseholds } from '../../demo/households.ts';
import { createProgress } from '../../local/progress.ts';
import { signalToStop } from '../../local/stop-signal.ts';
import { UserError, runCommand } from '../../local/user-error.ts';
import { readServerKind, type ServerKind } from '../support/private-server.ts';
import { heal, injectFaults, type Injected } from './inject-faults.ts';
import { findViolations } from './check.ts';
import { Traffic } from './device.ts';
import { Done } from './done.ts';
import { countMessages, countOutbox, countPending, readPublished, readStored } from './evidence.ts';
import { toDetails, toLines, toOutageLines } from './figures.ts';
import { Ledger } from './ledger.ts';
import { runOutage } from './outage.ts';
import { planFaults } from './plan.ts';
import { Submitter } from './submitter.ts';
import { createToken, FUNCTIONS, startSystem, type System } from './system.ts';
import { Writer } from './writer.ts';

const WRITERS = 6;
/** Collectors with ODK Collect. */
const SUBMITTERS = 2;
const SWEEP_EVERY_MS = 2_000;
const POLL_MS = 250;
/** A run ends after this time without progress: on a slow machine it takes longer, but makes progress. */
const STALLED_SECONDS = 90;
const MAX_RESPONSES = 100_000;
const MAX_OUTAGE_SECONDS = 600;
/** The maximum share of the acknowledgements during an outage that may take longer than PROMPT_MS. */
const SLOW_SHARE = 0.05;
const PROMPT_MS = 1_000;
const USAGE = `Usage: npm run chaos [-- --responses 1..${MAX_RESPONSES} --seed WHOLE-NUMBER --server mysql|mariadb --outage 1..${MAX_OUTAGE_SECONDS}]`;

interface Options {
  responses: number;
  seed: number;
  server: ServerKind | undefined;
  /** Seconds of a single outage; undefined for a run with many faults. */
  outage: number | undefined;
}

interface Run {
  system: System;
  ledger: Ledger;
  traffic: Traffic;
  /** Aborted when the run must end early. */
  over: AbortController;
  /** Reports progress. */
  progressed: () => void;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      responses: { type: 'string' },
      seed: { type: 'string', default: '2026' },
      server: { type: 'string' },
      outage: { type: 'string' },
    },
  });
  const isWithin = (value: number, most: number): boolean => Number.isInteger(value) && value >= 1 && value <= most;
  const outage = values.outage === undefined ? undefined : Number(values.outage);
  const responses = Number(values.responses ?? (outage === undefined ? 5_000 : 600));
  const seed = Number(values.seed);
  const isUsable =
    isWithin(responses, MAX_RESPONSES) &&
    Number.isSafeInteger(seed) &&
    (outage === undefined || isWithin(outage, MAX_OUTAGE_SECONDS));
  if (!isUsable) throw new UserError(USAGE);
  return { responses, seed, server: values.server === undefined ? undefined : readServerKind(values.server), outage };
}

/** The maximum seconds to empty the queue and the outbox after an outage. A longer outage fills them further. */
function drainLimit(outageSeconds: number): number {
  return Math.max(30, 10 + 0.3 * outageSeconds);
}

/** Runs the writers and the faults until every response is acknowledged or refused. */
async function write(
  { system, ledger, traffic, over, progressed }: Run,
  { responses, seed }: Options,
): Promise<Injected> {
  const households = [...generateHouseholds(responses, seed, `chaos-${seed}`)];
  const progress = createProgress('responses', responses);
  const done = new Done((count) => {
    progress.update(count);
    progressed();
  });
  const { relays, tokens } = system;
  const everybody = WRITERS + SUBMITTERS;
  const of = (number: number) => households.filter((_household, index) => index % everybody === number);
  const shared = { seed, url: relays.api.url, ledger, traffic, done, signal: over.signal };
  const writers = [
    ...Array.from(
      { length: WRITERS },
      (_, number) => new Writer({ number, tokens, households: of(number), ...shared }),
    ),
    ...(await Promise.all(
      Array.from({ length: SUBMITTERS }, async (_, number) => {
        const token = await createToken(system, 'device', `submitter-${number}`);
        return new Submitter({ number, token, households: of(WRITERS + number), ...shared });
      }),
    )),
  ];
  const orAbort = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      over.abort(error);
      throw error;
    });
  const faults = orAbort(injectFaults(system, planFaults(responses, seed), done));
  const work = Promise.all(writers.map((writer) => orAbort(writer.work()))).finally(() => done.end());
  // Waits for the faults too, because the database must not be stopped while a fault restarts it.
  await Promise.allSettled([work, faults]);
  progress.finish();
  over.signal.throwIfAborted();
  return faults;
}

/** Runs the sweep and the worker of pending submissions repeatedly. In AWS they run each minute. */
async function sweep({ stack }: System, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await stack.host.functions.invoke(FUNCTIONS.sweep, Buffer.from('{}'));
    await stack.host.functions.invoke(FUNCTIONS.odkPending, Buffer.from('{}'));
    await wait(SWEEP_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * Waits until the write queue and the outbox are empty, and every submission is linked to its original.
 *
 * @returns the seconds until the queue was empty
 * @throws {UserError} with their sizes, when the run ends first
 */
async function drain({ system, over: { signal }, progressed }: Run): Promise<number> {
  const began = Date.now();
  let least = Infinity;
  let queueSeconds: number | undefined;
  for (;;) {
    const queued = await countMessages(system, 'collect-WriteQueue');
    if (queued === 0) queueSeconds ??= (Date.now() - began) / 1000;
    const unpublished = await countOutbox(system);
    const pending = await countPending(system);
    const left = queued + unpublished + pending;
    if (left < least) progressed();
    least = Math.min(least, left);
    if (queueSeconds !== undefined && unpublished === 0 && pending === 0) return queueSeconds;
    if (signal.aborted) {
      throw new UserError(
        `${String(signal.reason)} The write queue held ${queued} messages, the outbox ${unpublished} events; ${pending} submissions were pending.`,
      );
    }
    await wait(POLL_MS);
  }
}

/** Compares the stored states and the published events with the replies to the devices. */
async function readEvidence(system: System, { sent }: Ledger) {
  const [stored, published] = [await readStored(system), await readPublished(system)];
  const late = stored.filter(({ revision }) => revision === null).length;
  return {
    sent,
    revisions: stored.length - late,
    late,
    published: published.length,
    deadLetters: await countMessages(system, 'collect-WriteDeadLetters'),
    findings: findViolations({ sent, stored, published }),
  };
}

/** @returns whether everything is in order */
async function runFaults(run: Run, options: Options): Promise<boolean> {
  const { system, ledger, traffic } = run;
  const began = Date.now();
  const injected = await write(run, options);
  await heal(system);
  const drainSeconds = await drain(run);
  const evidence = await readEvidence(system, ledger);
  const seconds = (Date.now() - began) / 1000;
  const connectionsCut = Object.values(system.relays).reduce((sum, { cuts }) => sum + cuts, 0);
  const { responses } = options;
  const lines = toLines({ responses, seconds, drainSeconds, traffic, injected, connectionsCut, ...evidence });
  for (const line of [...lines, ...toDetails(evidence.findings)]) console.log(line);
  return evidence.findings.length === 0 && evidence.deadLetters === 0 && !traffic.statuses.has('500');
}

/** @returns whether every reply was an acknowledgement, and all responses were stored and published in time */
async function runOneOutage(run: Run, { responses, seed }: Options, seconds: number) {
  const { system, ledger, traffic, over } = run;
  const shared = { ledger, traffic };
  const outage = await runOutage(system, shared, { responses, seed, seconds }, over.signal);
  await drain(run);
  const drainSeconds = (Date.now() - outage.returnedAt) / 1000;
  const evidence = await readEvidence(system, ledger);
  const lines = toOutageLines({ traffic, ...outage, drainSeconds, ...evidence });
  for (const line of [...lines, ...toDetails(evidence.findings)]) console.log(line);
  const isAcknowledged = [...traffic.statuses.keys()].every((status) => status === '201' || status === '202');
  // Each new environment may wait for the database once.
  const { latencies } = outage;
  const isPrompt = latencies.filter((each) => each > PROMPT_MS).length <= latencies.length * SLOW_SHARE;
  const isDrained = drainSeconds <= drainLimit(seconds) && evidence.deadLetters === 0;
  return evidence.findings.length === 0 && isAcknowledged && isPrompt && isDrained;
}

/** Runs as long as there is progress, and runs the sweep meanwhile. */
async function runToEnd(system: System, options: Options, over: AbortController): Promise<boolean> {
  const { outage } = options;
  const limit = STALLED_SECONDS + (outage ?? 0);
  const timer = setTimeout(() => over.abort(`The run made no progress for ${limit} seconds.`), limit * 1000);
  const ended = new AbortController();
  const sweeping = sweep(system, ended.signal);
  const run: Run = { system, ledger: new Ledger(), traffic: new Traffic(), over, progressed: () => timer.refresh() };
  try {
    return await (outage === undefined ? runFaults(run, options) : runOneOutage(run, options, outage));
  } finally {
    clearTimeout(timer);
    ended.abort();
    await sweeping;
  }
}

await runCommand(async () => {
  const options = readOptions();
  const over = new AbortController();
  void signalToStop().then(() => over.abort('The run was interrupted.'));
  const system = await startSystem(options.server);
  if (system === undefined) {
    throw new UserError(
      `A fault run needs a server that it can kill: install ${options.server ?? 'mysql or mariadb'}.`,
    );
  }
  try {
    console.log(`${options.responses} responses, seed ${options.seed}, on ${system.database.version}`);
    const isInOrder = await runToEnd(system, options, over);
    console.log(isInOrder ? '\nEverything acknowledged is stored exactly once.' : '\nNot everything is in order.');
    process.exitCode = isInOrder ? 0 : 1;
  } finally {
    await system.stop();
  }
});
