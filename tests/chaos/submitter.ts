/** A collector with ODK Collect: sends submissions, edits them after they were sent, and repeats some. */
import { correctHousehold, type Household } from '../../demo/households.ts';
import { householdFinances } from '../../forms/definition/household-finances.ts';
import { instanceOf } from '../../forms/xforms/instance.ts';
import { randomNumbers } from '../../local/random.ts';
import { writeInstance } from '../support/write-instance.ts';
import { Device, type Traffic } from './device.ts';
import type { Done } from './done.ts';
import { type Expectation, type Ledger, type Sent, SUBMISSION_ID } from './ledger.ts';

export interface SubmitterOptions {
  number: number;
  seed: number;
  url: string;
  /** A device's token. */
  token: string;
  households: readonly Household[];
  ledger: Ledger;
  traffic: Traffic;
  done: Done;
  signal: AbortSignal;
}

/** Shares of the submissions. */
const SHARE = { edited: 0.4, editedAgain: 0.2, editFirst: 0.1, simultaneous: 0.15, changed: 0.06, malformed: 0.04 };

/** Ages that no generated household has, so that the states of a response differ. */
const AGES = { edited: 5, editedAgain: 6, changed: 7 };

const XFORM = instanceOf(householdFinances, 1);

interface Submission {
  xml: string;
  entry: Sent;
}

export class Submitter {
  readonly #options: SubmitterOptions;
  readonly #random: () => number;
  readonly #device: Device;
  readonly #second: Device;
  #states = 0;

  constructor(options: SubmitterOptions) {
    const { number, seed, url, token, traffic, signal } = options;
    this.#options = options;
    this.#random = randomNumbers(seed * 2_000 + number);
    this.#device = new Device({ url, token, traffic, signal });
    this.#second = new Device({ url, token, traffic, signal });
  }

  /** Sends every household of this collector, with its edits. */
  async work(): Promise<void> {
    for (const household of this.#options.households) {
      await this.#submit(household);
      this.#options.done.add();
    }
  }

  async #submit(household: Household): Promise<void> {
    const id = String(household['response_id']);
    const versions = [household];
    if (this.#happens(SHARE.edited)) versions.push({ ...correctHousehold(household), age: AGES.edited });
    if (versions.length > 1 && this.#happens(SHARE.editedAgain)) versions.push({ ...household, age: AGES.editedAgain });
    const submissions = versions.map((version, index) => this.#submission(version, id, index, 'taken'));
    // The edits can arrive before the first submission, which had no network.
    if (this.#happens(SHARE.editFirst)) submissions.push(...submissions.splice(0, 1));
    for (const submission of submissions) await this.#deliver(submission);
    if (this.#happens(SHARE.changed)) {
      await this.#deliver(this.#submission({ ...household, age: AGES.changed }, id, 0, 'refused'));
    }
    if (this.#happens(SHARE.malformed)) {
      const { xml, entry } = this.#submission(household, `${id}-malformed`, 0, 'refused');
      await this.#deliver({ xml: xml.slice(0, -1), entry });
    }
  }

  /** @param edits how often the submission was edited before */
  #submission(household: Household, id: string, edits: number, expects: Expectation): Submission {
    const idOf = (edit: number) => `${SUBMISSION_ID}${id}${edit === 0 ? '' : `-${edit}`}`;
    const ids = { instanceId: idOf(edits), deprecatedId: edits === 0 ? undefined : idOf(edits - 1) };
    const entry = this.#options.ledger.open({ ...household, response_id: idOf(0) }, expects);
    entry.lastModified = this.#states;
    this.#states += 1;
    return { xml: writeInstance(XFORM, household, ids), entry };
  }

  /** Sends a submission. Sometimes a second request with it is under way, because the reply to the first was late. */
  async #deliver({ xml, entry }: Submission): Promise<void> {
    const isTwice = this.#happens(SHARE.simultaneous);
    if (isTwice) this.#options.traffic.repeats += 1;
    const devices = isTwice ? [this.#device, this.#second] : [this.#device];
    await Promise.all(devices.map((device) => device.sendSubmission(xml, entry)));
  }

  #happens(share: number): boolean {
    return this.#random() < share;
  }
}
