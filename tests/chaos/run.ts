/**
 * `npm run chaos [-- --responses N --seed S --server KIND]`: writers post and correct responses while everything under
 * them fails. With `--outage SECONDS`: the database alone is away for so long, and every environment is new.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { generateHouseholds } from '../../local/demo/households.ts';
import { createProgress } from '../../local/progress.ts';
import { readServerKind, type ServerKind } from '../support/private-server.ts';
import { StartError } from '../../local/start-error.ts';
import { signalToStop } from '../../local/stop-signal.ts';
import { befall, heal, type Outage } from './befall.ts';
import { findFaults } from './check.ts';
import { Traffic } from './device.ts';
import { Done } from './done.ts';
import { countMessages, countOutbox, readPublished, readStored } from './evidence.ts';
import { toDetails, toLines, toOutageLines } from './figures.ts';
import { Ledger } from './ledger.ts';
import { runOutage } from './outage.ts';
import { planFaults } from './plan.ts';
import { FUNCTIONS, startSystem, type System } from './system.ts';
import { Writer } from './writer.ts';

const WRITERS = 8;
const SWEEP_EVERY_MS = 2_000;
const LOOK_EVERY_MS = 250;
/** What a run may take, on two busy cores: 6 minutes for 5,000 responses. */
const BASE_SECONDS = 90;
const SECONDS_A_RESPONSE = 0.054;
const MOST_RESPONSES = 100_000;
const LONGEST_OUTAGE_SECONDS = 600;
/** After an outage of a minute, from the return of the database to an empty queue and outbox. */
const DRAINED_WITHIN_SECONDS = 30;
/** An acknowledgement while the database is away takes no longer, but for one in twenty. */
const PROMPT_MS = 1_000;
const SLOW_SHARE = 0.05;
const USAGE = `Usage: npm run chaos [-- --responses 1..${MOST_RESPONSES} --seed WHOLE-NUMBER --server mysql|mariadb --outage 1..${LONGEST_OUTAGE_SECONDS}]`;

interface Options {
  responses: number;
  seed: number;
  server: ServerKind | undefined;
  /** Seconds of one outage in place of many faults. */
  outage: number | undefined;
}

const isWithin = (value: number, most: number): boolean => Number.isInteger(value) && value >= 1 && value <= most;

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      responses: { type: 'string' },
      seed: { type: 'string', default: '2026' },
      server: { type: 'string' },
      outage: { type: 'string' },
    },
  });
  const outage = values.outage === undefined ? undefined : Number(values.outage);
  const responses = Number(values.responses ?? (outage === undefined ? 5_000 : 600));
  const seed = Number(values.seed);
  const isUsable =
    isWithin(responses, MOST_RESPONSES) &&
    Number.isSafeInteger(seed) &&
    (outage === undefined || isWithin(outage, LONGEST_OUTAGE_SECONDS));
  if (!isUsable) throw new StartError(USAGE);
  return { responses, seed, server: values.server === undefined ? undefined : readServerKind(values.server), outage };
}

interface Run {
  system: System;
  ledger: Ledger;
  traffic: Traffic;
  /** Aborted when the run must end before it is done. */
  over: AbortController;
}

/** Writers at work, and faults, until all is acknowledged or refused. */
async function write({ system, ledger, traffic, over }: Run, { responses, seed }: Options): Promise<Outage> {
  const households = [...generateHouseholds(responses, seed, `chaos-${seed}`)];
  const progress = createProgress('responses', responses);
  const done = new Done((count) => progress.update(count));
  const { relays, tokens } = system;
  const writers = Array.from({ length: WRITERS }, (_, number) => {
    const own = households.filter((_household, index) => index % WRITERS === number);
    const shared = { seed, url: relays.api.url, tokens, ledger, traffic, done, signal: over.signal };
    return new Writer({ number, households: own, ...shared });
  });
  const orGiveUp = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      over.abort(error);
      throw error;
    });
  const faults = orGiveUp(befall(system, planFaults(responses, seed), done));
  const work = Promise.all(writers.map((writer) => orGiveUp(writer.work()))).finally(() => done.end());
  // Nothing may stop the database while a fault restarts it.
  await Promise.allSettled([work, faults]);
  progress.finish();
  over.signal.throwIfAborted();
  return faults;
}

/** Does what is owed again and again, as the schedule would each minute: the publisher's triggers above all. */
async function sweep({ stack }: System, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await stack.host.functions.invoke(FUNCTIONS.sweep, Buffer.from('{}'));
    await wait(SWEEP_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * Until the write queue and the outbox are empty; how many seconds the queue took.
 *
 * @throws {Error} with what they hold, when the run is over before that
 */
async function drain(system: System, signal: AbortSignal): Promise<number> {
  const began = Date.now();
  let queueSeconds: number | undefined;
  for (;;) {
    const waiting = await countMessages(system, 'collect-WriteQueue');
    if (waiting === 0) queueSeconds ??= (Date.now() - began) / 1000;
    const untold = await countOutbox(system);
    if (queueSeconds !== undefined && untold === 0) return queueSeconds;
    if (signal.aborted) {
      const held = `The write queue held ${waiting} messages, the outbox ${untold} events.`;
      throw new Error(`${String(signal.reason)} ${held}`);
    }
    await wait(LOOK_EVERY_MS);
  }
}

/** What is there in the end, held against what the devices were told. */
async function readEvidence(system: System, { sent }: Ledger) {
  const [stored, events] = [await readStored(system), await readPublished(system)];
  const late = stored.filter(({ revision }) => revision === null).length;
  return {
    sent,
    revisions: stored.length - late,
    late,
    published: events.length,
    deadLetters: await countMessages(system, 'collect-WriteDeadLetters'),
    findings: findFaults({ sent, stored, published: events }),
  };
}

/** @returns whether all is in order */
async function chaos(run: Run, options: Options): Promise<boolean> {
  const { system, ledger, traffic, over } = run;
  const began = Date.now();
  const outage = await write(run, options);
  await heal(system);
  const drainSeconds = await drain(system, over.signal);
  const evidence = await readEvidence(system, ledger);
  const { api, database, queue } = system.relays;
  const seconds = (Date.now() - began) / 1000;
  const connectionsCut = api.cuts + database.cuts + queue.cuts;
  const { responses } = options;
  const lines = toLines({ responses, seconds, drainSeconds, traffic, outage, connectionsCut, ...evidence });
  for (const line of [...lines, ...toDetails(evidence.findings)]) console.log(line);
  return evidence.findings.length === 0 && evidence.deadLetters === 0 && !traffic.statuses.has('500');
}

/** @returns whether every answer was an acknowledgement, and all is stored soon after the database is back */
async function outage({ system, ledger, traffic, over }: Run, { responses, seed }: Options, seconds: number) {
  const { latencies, millisecondsWithoutDatabase, returnedAt } = await runOutage(
    system,
    { ledger, traffic },
    { responses, seed, seconds },
    over.signal,
  );
  await drain(system, over.signal);
  const drainSeconds = (Date.now() - returnedAt) / 1000;
  const evidence = await readEvidence(system, ledger);
  const lines = toOutageLines({ traffic, latencies, millisecondsWithoutDatabase, drainSeconds, ...evidence });
  for (const line of [...lines, ...toDetails(evidence.findings)]) console.log(line);
  const isAcknowledged = [...traffic.statuses.keys()].every((status) => status === '201' || status === '202');
  // An environment may wait for the database once before it knows.
  const isPrompt = latencies.filter((each) => each > PROMPT_MS).length <= latencies.length * SLOW_SHARE;
  const isDrained = drainSeconds <= DRAINED_WITHIN_SECONDS && evidence.deadLetters === 0;
  return evidence.findings.length === 0 && isAcknowledged && isPrompt && isDrained;
}

/** Carries a run out within its time, while the sweep runs. */
async function bounded(system: System, options: Options, over: AbortController): Promise<boolean> {
  const limit = BASE_SECONDS + (options.outage ?? 0) + Math.ceil(options.responses * SECONDS_A_RESPONSE);
  const reason = new Error(
    `The run did not end within ${limit} seconds; it is bounded, so that a stack that hangs fails.`,
  );
  const timer = setTimeout(() => over.abort(reason), limit * 1000);
  const ended = new AbortController();
  const sweeping = sweep(system, ended.signal);
  const run: Run = { system, ledger: new Ledger(), traffic: new Traffic(), over };
  try {
    return await (options.outage === undefined ? chaos(run, options) : outage(run, options, options.outage));
  } finally {
    clearTimeout(timer);
    ended.abort();
    await sweeping;
  }
}

let system: System | undefined;
const over = new AbortController();
void signalToStop().then(() => over.abort(new Error('The run was interrupted.')));
try {
  const options = readOptions();
  system = await startSystem(options.server);
  if (system === undefined) {
    throw new StartError(
      `A fault run needs a server that it can kill: install ${options.server ?? 'mysql or mariadb'}.`,
    );
  }
  console.log(`${options.responses} responses, seed ${options.seed}, on ${system.database.version}`);
  const isInOrder = await bounded(system, options, over);
  console.log(isInOrder ? '\nAll that was acknowledged is there exactly once.' : '\nNot all is in order.');
  process.exitCode = isInOrder ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await system?.stop();
}
