/** The checks of the form `farms`, written by hand: what a team would write for this one form. */
import { Big } from 'big.js';
import { amountText } from '../forms/values/amount.ts';
import { isJsonObject } from '../forms/values/json.ts';
import { isDate, toInstant } from '../forms/values/time.ts';
import { CROPS } from './farms.ts';
import type { Answers } from './generate-farms.ts';

/** Thrown for a response that does not fit the form. */
class Unfit extends Error {}

/** @returns the broken rules, with the entry for rules of a repeat; undefined if the response does not fit the form */
export function checkFarm(response: unknown): string[] | undefined {
  try {
    return brokenRules(response);
  } catch (error) {
    if (error instanceof Unfit) return undefined;
    throw error;
  }
}

function brokenRules(sent: unknown): string[] {
  const broken: string[] = [];
  const check = (holds: boolean, rule: string) => void (holds || broken.push(rule));
  const response = objectOf(sent, RESPONSE_KEYS);
  for (const key of ['response_id', 'response_family_id', 'user_id']) {
    const id = textIn(response, key, 128);
    if (id !== id.trim() || id === '.' || id === '..') throw new Unfit();
  }
  textIn(response, 'username', 200);
  timeIn(response, 'synced_time');
  timeIn(response, 'last_modified_time');
  const submitted = timeIn(response, 'submitted_time');
  check(textIn(response, 'location', 200) !== 'nowhere', 'location');
  check(!['test', 'none'].includes(textIn(response, 'village')), 'village');
  check(timeIn(response, 'visited') <= submitted, 'visited');
  check(booleanIn(response, 'consent'), 'consent');
  checkPlace(response['home']);
  for (const crop of CROPS) checkCrop(crop, response[crop], check);

  const members = entriesIn(response, 'members').map((entry, index) =>
    readMember(entry, submitted, (holds, rule) => check(holds, `${rule} /members/${index}`)),
  );
  const ages = members.map(({ age }) => age);
  check(members.length > 0, 'members');
  if (ages.length > 0) {
    check(Math.max(...ages) >= 15, 'an adult');
    check(Math.max(...ages) <= 105, 'oldest');
    check(Math.min(...ages) <= 60, 'youngest');
  }
  check(sum(members.map(({ pay }) => pay)).lte(20_000), 'all pay');
  const plots = entriesIn(response, 'plots').map((entry, index) =>
    readPlot(entry, (holds, rule) => check(holds, `${rule} /plots/${index}`)),
  );
  check(sum(plots.map(({ area }) => area)).lte(400), 'all plots');
  check(sum(plots.map(({ rent }) => rent)).lte(5000), 'all rent');
  const animals = entriesIn(response, 'animals').map((entry, index) =>
    readAnimals(entry, (holds, rule) => check(holds, `${rule} /animals/${index}`)),
  );
  check(sum(animals.map(({ value }) => value)).lte(50_000), 'animals value');
  check(animals.reduce((total, { count }) => total + count, 0) <= 1000, 'herd');
  return broken;
}

type Check = (holds: boolean, rule: string) => void;

function checkCrop(crop: string, sent: unknown, check: Check): void {
  const { details, ...own } = objectOf(sent, CROP_KEYS);
  const isGrown = choiceIn(own, 'grown', ['yes', 'no']) === 'yes';
  if (!isGrown) {
    if (details !== undefined) throw new Unfit();
    return;
  }
  const answers = objectOf(details, DETAIL_KEYS);
  choiceIn(answers, 'variety', ['local', 'improved', 'hybrid', 'mixed', 'unknown']);
  choiceIn(answers, 'source', ['own', 'market', 'shop', 'gift']);
  const area = amountIn(answers, 'area');
  if (area.gt(1000)) throw new Unfit();
  const harvested = amountIn(answers, 'harvested');
  const sold = amountIn(answers, 'sold');
  const price = onlyIf(sold.gt(0), answers, 'price', amountIn);
  const uses = choicesIn(answers, 'uses', ['food', 'sale', 'feed', 'seed', 'gift']);
  const planted = dateIn(answers, 'planted');
  booleanIn(answers, 'irrigated');
  const storage = answers['storage'] === undefined ? '' : textIn(answers, 'storage');
  const losses = choiceIn(answers, 'losses', ['none', 'some', 'most']);
  if (losses === 'most' || answers['reason'] !== undefined) textIn(answers, 'reason');

  check(price === undefined || (price.gte(0.01) && price.lte(50)), `${crop}/details/price`);
  check(sold.lte(harvested), `${crop} sold`);
  check(price === undefined || sold.times(price).lte(100_000) || storage.trim() !== '', `${crop} income`);
  check(area.eq(0) || harvested.lte(area.times(20_000)), `${crop} yield`);
  check(planted >= '2024-01-01' && planted <= '2026-12-31', `${crop} planted`);
  check(!(losses === 'most' && sold.gt(1000)), `${crop} losses`);
  check(uses.includes('sale') || sold.eq(0), `${crop} uses`);
}

function readMember(sent: unknown, submitted: string, check: Check) {
  const answers = objectOf(sent, MEMBER_KEYS);
  textIn(answers, 'name');
  choiceIn(answers, 'sex', ['female', 'male']);
  const days = Math.floor((Date.parse(submitted) - Date.parse(dateIn(answers, 'born'))) / 86_400_000);
  const age = days / 365.25;
  const relation = choiceIn(answers, 'relation', ['head', 'spouse', 'child', 'other']);
  const school = choiceIn(answers, 'school', ['none', 'primary', 'secondary', 'university']);
  const works = booleanIn(answers, 'works');
  if (works || answers['job'] !== undefined) textIn(answers, 'job');
  const hours = onlyIf(works, answers, 'hours', (entry, key) => wholeIn(entry, key, 112));
  const pay = onlyIf(works, answers, 'pay', amountIn);
  const ill = booleanIn(answers, 'ill');
  const daysIll = onlyIf(ill, answers, 'days_ill', (entry, key) => wholeIn(entry, key, 366));
  check(age >= 0 && age <= 110, 'age');
  check(relation !== 'head' || age >= 15, 'head');
  check(school !== 'university' || age >= 16, 'university');
  if (hours !== undefined) check(hours <= 84, 'hours');
  if (hours !== undefined && pay !== undefined) check(pay.lte(3000) || hours >= 20, 'pay');
  if (daysIll !== undefined) check(daysIll <= 31, 'members/days_ill');
  return { age, pay };
}

function readPlot(sent: unknown, check: Check) {
  const answers = objectOf(sent, PLOT_KEYS);
  textIn(answers, 'name');
  const area = amountIn(answers, 'area');
  const owned = booleanIn(answers, 'owned');
  const rent = onlyIf(!owned, answers, 'rent', amountIn);
  choiceIn(answers, 'crop', CROPS);
  const slope = choiceIn(answers, 'slope', ['flat', 'gentle', 'steep']);
  const trees = wholeIn(answers, 'trees', 10_000);
  check(area.gt(0), 'area');
  check(amountIn(answers, 'yield').lte(20_000), 'yield');
  check(slope !== 'steep' || trees >= 1, 'steep');
  check(trees <= 500, 'plots/trees');
  if (rent !== undefined) {
    check(area.eq(0) || rent.lte(area.times(2000)), 'rent per area');
    check(rent.lte(4000), 'rent');
  }
  return { area, rent };
}

function readAnimals(sent: unknown, check: Check) {
  const answers = objectOf(sent, ANIMAL_KEYS);
  const kind = choiceIn(answers, 'kind', ['cow', 'ox', 'goat', 'sheep', 'hen']);
  const count = wholeIn(answers, 'count', 10_000);
  const bought = wholeIn(answers, 'bought', 10_000);
  const value = amountIn(answers, 'value');
  if (answers['remark'] !== undefined) textIn(answers, 'remark');
  check(wholeIn(answers, 'sold', 10_000) <= count + bought, 'animals sold');
  check(wholeIn(answers, 'died', 10_000) <= count + bought, 'animals died');
  check(count === 0 || value.lte(2000 * count), 'value per head');
  check(booleanIn(answers, 'vaccinated') || count <= 50, 'vaccinated');
  check(kind !== 'ox' || count <= 40, 'oxen');
  check(bought <= 100, 'animals/bought');
  return { count, value };
}

const RESPONSE_KEYS = new Set(
  (
    'response_id response_family_id user_id username location submitted_time synced_time last_modified_time ' +
    `village visited consent home ${CROPS.join(' ')} members plots animals`
  ).split(' '),
);
const CROP_KEYS = new Set(['grown', 'details']);
const DETAIL_KEYS = new Set(
  'variety source area harvested sold price uses planted irrigated storage losses reason income'.split(' '),
);
const MEMBER_KEYS = new Set('name sex born relation school works job hours pay ill days_ill age'.split(' '));
const PLOT_KEYS = new Set(['name', 'area', 'owned', 'rent', 'crop', 'slope', 'trees', 'yield']);
const ANIMAL_KEYS = new Set(['kind', 'count', 'bought', 'sold', 'died', 'value', 'vaccinated', 'remark']);

function objectOf(value: unknown, keys: ReadonlySet<string>): Answers {
  if (!isJsonObject(value) || !Object.keys(value).every((key) => keys.has(key))) throw new Unfit();
  return value;
}

function entriesIn(answers: Answers, key: string): unknown[] {
  const entries = answers[key] ?? [];
  if (!Array.isArray(entries) || entries.length > 20) throw new Unfit();
  return entries;
}

/** The answer to a question that is asked under a condition. */
function onlyIf<T>(
  isAsked: boolean,
  answers: Answers,
  key: string,
  read: (answers: Answers, key: string) => T,
): T | undefined {
  if (isAsked) return read(answers, key);
  if (answers[key] !== undefined) throw new Unfit();
  return undefined;
}

function textIn(answers: Answers, key: string, max = 500): string {
  const text = answers[key];
  if (typeof text !== 'string' || text.trim() === '' || text.length > max) throw new Unfit();
  if (/\p{Cc}/u.test(text) || !text.isWellFormed()) throw new Unfit();
  return text;
}

function choiceIn(answers: Answers, key: string, options: readonly string[]): string {
  const choice = answers[key];
  if (typeof choice !== 'string' || !options.includes(choice)) throw new Unfit();
  return choice;
}

function choicesIn(answers: Answers, key: string, options: readonly string[]): unknown[] {
  const choices: unknown = answers[key];
  if (!Array.isArray(choices) || choices.length === 0 || new Set(choices).size < choices.length) throw new Unfit();
  if (!choices.every((choice) => options.includes(choice))) throw new Unfit();
  return choices;
}

function amountIn(answers: Answers, key: string): Big {
  const text = amountText(answers[key], 4);
  const amount = text === undefined ? undefined : new Big(text);
  if (amount === undefined || amount.lt(0)) throw new Unfit();
  return amount;
}

function wholeIn(answers: Answers, key: string, max: number): number {
  const number = answers[key];
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > max) throw new Unfit();
  return number;
}

function booleanIn(answers: Answers, key: string): boolean {
  const value = answers[key];
  if (typeof value !== 'boolean') throw new Unfit();
  return value;
}

function dateIn(answers: Answers, key: string): string {
  const date = answers[key];
  if (typeof date !== 'string' || !isDate(date)) throw new Unfit();
  return date;
}

function timeIn(answers: Answers, key: string): string {
  const time = answers[key];
  const instant = typeof time === 'string' ? toInstant(time) : undefined;
  if (instant === undefined) throw new Unfit();
  return instant;
}

function checkPlace(value: unknown): void {
  const { latitude, longitude, accuracy } = objectOf(value, new Set(['latitude', 'longitude', 'altitude', 'accuracy']));
  if (typeof latitude !== 'number' || Math.abs(latitude) > 90) throw new Unfit();
  if (typeof longitude !== 'number' || Math.abs(longitude) > 180) throw new Unfit();
  if (accuracy !== undefined && (typeof accuracy !== 'number' || accuracy < 0)) throw new Unfit();
}

function sum(amounts: readonly (Big | undefined)[]): Big {
  return amounts.reduce<Big>((total, amount) => (amount === undefined ? total : total.plus(amount)), new Big(0));
}
