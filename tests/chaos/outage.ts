/**
 * One outage of the database, from start to end. The functions run in new execution environments, which have cached no
 * token. The collectors keep sending at their usual pace.
 */
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { generateHouseholds } from '../../demo/households.ts';
import { householdFinances } from '../../forms/definition/household-finances.ts';
import { instanceOf } from '../../forms/xforms/instance.ts';
import { writeInstance } from '../support/write-instance.ts';
import { Device, type Traffic } from './device.ts';
import { type Ledger, SUBMISSION_ID } from './ledger.ts';
import { callAsManager, createToken, FUNCTIONS, type System } from './system.ts';

const WRITERS = 4;
/**
 * A form that no environment has loaded before the outage. Responses go in turns to this form, to /collect, and as
 * submissions of ODK Collect to the first form.
 */
const FORM = 'outage_households';
const ROUTES = ['/collect', `/forms/${FORM}/responses`] as const;
const WAYS = ROUTES.length + 1;
const XFORM = instanceOf(householdFinances, 1);

export interface OutageOptions {
  responses: number;
  seed: number;
  /** How long the database is down. */
  seconds: number;
}

export interface OutageRun {
  /** Milliseconds to each acknowledgement, ascending. */
  latencies: number[];
  /** The time from the kill until the server accepted connections again. */
  millisecondsWithoutDatabase: number;
  /** When the server accepted connections again, in milliseconds since 1970. */
  returnedAt: number;
}

/**
 * Runs the outage. At its end the database is back; acknowledged responses may still be in the queue.
 *
 * @param signal ends the run early
 */
export async function runOutage(
  system: System,
  { ledger, traffic }: { ledger: Ledger; traffic: Traffic },
  { responses, seed, seconds }: OutageOptions,
  signal: AbortSignal,
): Promise<OutageRun> {
  const tokens = await prepare(system);
  const latencies: number[] = [];
  const households = [...generateHouseholds(responses, seed, `outage-${seed}`)];
  const { database, relays, stack } = system;

  const began = Date.now();
  await database.kill();
  for (const name of [FUNCTIONS.proxy, FUNCTIONS.collect, FUNCTIONS.odk, FUNCTIONS.authorizer, FUNCTIONS.write]) {
    await stack.host.functions.kill(name);
  }
  const pace = (seconds * 1000 * WRITERS) / responses;
  const write = async ({ app, phone }: Tokens, number: number): Promise<void> => {
    const shared = { url: relays.api.url, traffic, signal };
    const device = new Device({ token: app, ...shared });
    const collect = new Device({ token: phone, ...shared });
    const own = households.filter((_household, index) => index % WRITERS === number);
    for (const [index, household] of own.entries()) {
      await wait(Math.max(0, began + index * pace - Date.now()), undefined, { signal });
      const route = ROUTES[index % WAYS];
      const id = route === undefined ? `${SUBMISSION_ID}${household['response_id']}` : household['response_id'];
      const response = { ...household, user_id: collectorOf(number), response_id: String(id) };
      const entry = ledger.open(response, 'taken');
      const sentAt = Date.now();
      if (route !== undefined) await device.sendOne({ response, entry }, route);
      else await collect.sendSubmission(writeInstance(XFORM, response, { instanceId: response.response_id }), entry);
      latencies.push(Date.now() - sentAt);
    }
  };
  const work = Promise.all(tokens.map(write));
  const restart = async (): Promise<void> => {
    // The signal only shortens the wait: the run must not stop the database server in the middle of its restart.
    await wait(seconds * 1000, undefined, { signal }).catch(() => undefined);
    await database.restart();
  };
  const back = restart().then(() => Date.now());
  await Promise.allSettled([work, back]);
  await work;
  const returnedAt = await back;
  return {
    latencies: latencies.toSorted((a, b) => a - b),
    millisecondsWithoutDatabase: returnedAt - began,
    returnedAt,
  };
}

const collectorOf = (number: number): string => `collector-of-outage-${number}`;

/** The tokens of a collector: for an app that sends JSON, and for ODK Collect. */
interface Tokens {
  app: string;
  phone: string;
}

/** Creates tokens for each collector, and a form, through the API. */
async function prepare(system: System): Promise<Tokens[]> {
  const first = z.looseObject({}).parse(await callAsManager(system, 'GET', '/forms/household_finances'));
  const { form_id: _formId, version: _version, ...definition } = first;
  await callAsManager(system, 'PUT', `/forms/${FORM}`, definition);
  const made: Tokens[] = [];
  for (let number = 0; number < WRITERS; number += 1) {
    const userId = collectorOf(number);
    made.push({
      app: await createToken(system, 'collector', userId),
      phone: await createToken(system, 'device', userId),
    });
  }
  return made;
}
