/**
 * One outage of the database, from start to end. The functions run in new execution environments, which have cached no
 * token. The collectors keep sending at their usual pace.
 */
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { generateHouseholds } from '../../demo/households.ts';
import { Device, type Traffic } from './device.ts';
import type { Ledger } from './ledger.ts';
import { FUNCTIONS, type System } from './system.ts';

const WRITERS = 4;
/** A form that no environment has loaded before the outage. Responses go alternately to this form and to /collect. */
const FORM = 'outage_households';
const ROUTES = ['/collect', `/forms/${FORM}/responses`] as const;

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
  for (const name of [FUNCTIONS.proxy, FUNCTIONS.collect, FUNCTIONS.authorizer, FUNCTIONS.write]) {
    await stack.host.functions.kill(name);
  }
  const pace = (seconds * 1000 * WRITERS) / responses;
  const write = async (token: string, number: number): Promise<void> => {
    const device = new Device({ url: relays.api.url, token, traffic, signal });
    const own = households.filter((_household, index) => index % WRITERS === number);
    for (const [index, household] of own.entries()) {
      await wait(Math.max(0, began + index * pace - Date.now()), undefined, { signal });
      const response = { ...household, user_id: collectorOf(number) };
      const sentAt = Date.now();
      await device.sendOne({ response, entry: ledger.open(response, 'taken') }, ROUTES[index % ROUTES.length]);
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

/** Creates a token for each collector, and a form, through the API. */
async function prepare({ stack, tokens }: System): Promise<string[]> {
  const headers = { authorization: `Bearer ${tokens.manager}`, 'content-type': 'application/json' };
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${stack.host.url}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} replied ${response.status}.`);
    return response.json();
  };
  const first = z.looseObject({}).parse(await call('GET', '/forms/household_finances'));
  const { form_id: _formId, version: _version, ...definition } = first;
  await call('PUT', `/forms/${FORM}`, definition);
  const made: string[] = [];
  for (let number = 0; number < WRITERS; number += 1) {
    const body = { role: 'collector', user_id: collectorOf(number), expires_in_days: 1 };
    made.push(z.object({ token: z.string() }).parse(await call('POST', '/tokens', body)).token);
  }
  return made;
}
