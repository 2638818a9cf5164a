/** A collector: posts and corrects responses, repeats some, and sends some invalid ones. */
import { correctHousehold, INCOME, type Household } from '../../demo/households.ts';
import { LOCAL_COLLECTOR, type StackTokens } from '../../local/tokens.ts';
import { randomNumbers } from '../../local/random.ts';
import { Device, type Parcel, type Traffic } from './device.ts';
import type { Done } from './done.ts';
import type { Expectation, Ledger } from './ledger.ts';

export interface WriterOptions {
  number: number;
  seed: number;
  url: string;
  tokens: StackTokens;
  households: readonly Household[];
  ledger: Ledger;
  traffic: Traffic;
  done: Done;
  signal: AbortSignal;
}

const MINUTE_MS = 60_000;
/** The largest deviation of a device's clock, ahead or behind. */
const MAX_MINUTES_OFF = 12 * 60;
const MAX_ZONE_MINUTES = 12 * 60;
const MAX_BATCH = 20;
/** The number of states that wait to be repeated. */
const REPEATED_LATER = 20;
/** One in this number of writers sends with a collector's token. */
const WRITERS_PER_COLLECTOR = 4;

/** Shares of the responses. */
const SHARE = {
  batch: 0.1,
  corrected: 0.3,
  correctedAgain: 0.1,
  simultaneous: 0.1,
  later: 0.1,
  stale: 0.06,
  invalid: 0.06,
};

/** Changes that make a response invalid. */
const SPOILERS: ((household: Household) => void)[] = [
  (household) => delete household[INCOME],
  (household) => (household['age'] = 'many'),
  (household) => (household['what is the weather?'] = 'fair'),
  (household) => (household[INCOME] = '12.3.4'),
  (household) => (household['last_modified_time'] = 'yesterday'),
];

export class Writer {
  readonly #options: WriterOptions;
  readonly #random: () => number;
  readonly #device: Device;
  readonly #second: Device;
  readonly #isBound: boolean;
  readonly #minutesOff: number;
  readonly #zone: number;
  readonly #later: Parcel[] = [];

  constructor(options: WriterOptions) {
    const { number, seed, url, tokens, traffic, signal } = options;
    this.#options = options;
    this.#random = randomNumbers(seed * 1_000 + number);
    this.#isBound = number % WRITERS_PER_COLLECTOR === 0;
    const token = this.#isBound ? tokens.collector : tokens.manager;
    this.#device = new Device({ url, token, traffic, signal });
    this.#second = new Device({ url, token, traffic, signal });
    this.#minutesOff = this.#between(-MAX_MINUTES_OFF, MAX_MINUTES_OFF);
    this.#zone = this.#between(-MAX_ZONE_MINUTES, MAX_ZONE_MINUTES);
  }

  /** Sends every response of this writer, with its corrections. */
  async work(): Promise<void> {
    const { households, done } = this.#options;
    for (let start = 0; start < households.length;) {
      const size = this.#happens(SHARE.batch) ? this.#between(2, MAX_BATCH) : 1;
      const responses = households.slice(start, start + size).map((household) => this.#stamp(household));
      start += size;
      await this.#post(responses);
      for (const response of responses) {
        await this.#correct(response);
        done.add();
      }
      await this.#repeatOne();
    }
    while (this.#later.length > 0) await this.#repeatOne();
  }

  async #post(responses: readonly Household[]): Promise<void> {
    const parcels = responses.map((response) => this.#parcel(response, 'taken'));
    if (this.#happens(SHARE.invalid)) parcels.push(this.#spoilt(responses[0]));
    await this.#deliver(parcels);
  }

  async #correct(response: Household): Promise<void> {
    let newest = response;
    for (const share of [SHARE.corrected, SHARE.correctedAgain / SHARE.corrected]) {
      if (!this.#happens(share)) break;
      newest = this.#stamp(correctHousehold(newest), 0);
      await this.#deliver([this.#parcel(newest, 'taken')]);
    }
    if (this.#happens(SHARE.stale)) await this.#deliver([this.#parcel(this.#older(newest), 'either')]);
  }

  /** Sends parcels. A second device sends some of them at the same time; others are repeated later. */
  async #deliver(parcels: readonly Parcel[]): Promise<void> {
    const isTwice = this.#happens(SHARE.simultaneous);
    if (this.#happens(SHARE.later)) this.#later.push(...parcels);
    await Promise.all([this.#send(this.#device, parcels), ...(isTwice ? [this.#repeat(parcels)] : [])]);
  }

  async #send(device: Device, parcels: readonly Parcel[]): Promise<void> {
    const [first] = parcels;
    if (first !== undefined && parcels.length === 1) await device.sendOne(first);
    else await device.sendBatch(parcels);
  }

  /** Sends parcels from a second device, which synchronised at another time. */
  async #repeat(parcels: readonly Parcel[]): Promise<void> {
    this.#options.traffic.repeats += 1;
    const copies = parcels.map(({ response, entry }) => {
      const synced = new Date(Date.parse(String(response['synced_time'])) + this.#between(1, 60) * MINUTE_MS);
      return { response: { ...response, synced_time: synced.toISOString() }, entry };
    });
    await this.#send(this.#second, copies);
  }

  async #repeatOne(): Promise<void> {
    if (this.#later.length === 0 || (this.#later.length < REPEATED_LATER && this.#happens(0.9))) return;
    await this.#repeat(this.#later.splice(this.#between(0, this.#later.length - 1), 1));
  }

  #parcel(response: Household, expects: Expectation): Parcel {
    return { response, entry: this.#options.ledger.open(response, expects) };
  }

  /** An invalid correction of a response, or an invalid new response. */
  #spoilt(household: Household = {}): Parcel {
    const id = this.#happens(0.5) ? {} : { response_id: `${household['response_id']}-invalid` };
    const spoilt = this.#stamp({ ...correctHousehold(household), ...id }, 0);
    // A collector's token is valid for that collector's responses only.
    if (this.#isBound && this.#happens(0.5)) spoilt['user_id'] = 'collector-2';
    else SPOILERS[this.#between(0, SPOILERS.length - 1)]?.(spoilt);
    return this.#parcel(spoilt, 'refused');
  }

  /** A change from a device whose clock is behind. */
  #older(household: Household): Household {
    return this.#stamp({ ...household, age: 17 }, -this.#between(1, MAX_MINUTES_OFF));
  }

  /** The response with this device's clock, zone and collector. */
  #stamp(household: Household, minutesOff = this.#minutesOff): Household {
    const time = Date.parse(String(household['last_modified_time'])) + minutesOff * MINUTE_MS;
    return {
      ...household,
      ...(this.#isBound && { user_id: LOCAL_COLLECTOR }),
      last_modified_time: inZone(time, this.#zone),
    };
  }

  #happens(share: number): boolean {
    return this.#random() < share;
  }

  #between(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low + 1));
  }
}

/** An instant in ISO 8601, in a zone that is `zone` minutes ahead of UTC. */
function inZone(time: number, zone: number): string {
  const minutes = Math.abs(zone);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60].map((value) => String(value).padStart(2, '0'));
  const offset = `${zone < 0 ? '-' : '+'}${hours}:${rest}`;
  return new Date(time + zone * MINUTE_MS).toISOString().replace('Z', offset);
}
