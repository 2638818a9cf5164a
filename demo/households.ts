/** Generated households with entry errors at a known rate. The same seed gives the same households. */
import { Big } from 'big.js';
import { randomNumbers } from '../local/random.ts';

export type Household = Record<string, string | number>;

export const INCOME = 'what is the monthly income?';
export const SAVINGS = 'what is the monthly savings?';
export const EXPENDITURE = 'what is the monthly expenditure?';
export const ITEMS = [
  'How much money do you spend monthly on food?',
  'How much money do you spend monthly on your cable service?',
  'How much money do you spend monthly on healthcare?',
  'How much money do you spend monthly on fuel for your car?',
] as const;

/** One household in eight is entered wrongly. */
const HOUSEHOLDS_PER_ERROR = 8;
const FIRST_TIME = Date.UTC(2025, 8, 1, 6);
/** All changes fall into one week, because the server refuses times in the future. */
const WEEK_MS = 7 * 86_400_000;
const NAMES = ['Amina', 'Luis', 'Fatou', "Niamh O'Neil", 'Jürgen', 'Nguyễn Ánh', 'Zoë', 'Olu', 'Marta', '李娜'];
const PLACES = ['Nairobi', 'Lima', 'Accra', 'Dhaka', 'Kano', 'Pune'];

/** Typical mistakes. At least one rule flags each. */
const ERRORS: ((household: Household) => void)[] = [
  (household) => (household[EXPENDITURE] = sumOfItems(household).minus('0.01').toFixed()),
  (household) => (household[ITEMS[0]] = amountOf(household, EXPENDITURE).times(10).toFixed()),
  (household) => (household[SAVINGS] = amountOf(household, INCOME).plus('0.01').toFixed()),
  (household) => (household[SAVINGS] = '-1'),
];

/**
 * Makes households as a field app posts them to /collect.
 *
 * @param run goes into the ids, so that two runs have different responses
 */
export function* generateHouseholds(count: number, seed: number, run = 'demo'): Generator<Household> {
  const random = randomNumbers(seed);
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  const money = (low: number, high: number) => new Big(between(low * 100, high * 100)).div(100);
  const pick = <T>(list: readonly T[]): T => {
    const chosen = list[between(0, list.length - 1)];
    if (chosen === undefined) throw new RangeError('The list is empty.');
    return chosen;
  };

  for (let index = 1; index <= count; index += 1) {
    const items = ITEMS.map(() => money(0, 400));
    const expenditure = items.reduce((sum, item) => sum.plus(item), money(1, 900));
    const income = expenditure.plus(money(0, 2000));
    const savings = income.minus(expenditure).times(between(0, 4)).div(4).round(2, Big.roundDown);
    // Field apps send amounts as numbers or as text.
    const write = (amount: Big) => (index % 3 === 0 ? amount.toFixed(2) : amount.toNumber());
    const changed = FIRST_TIME + ((index * 97_000) % WEEK_MS);
    const time = new Date(changed).toISOString();
    const collector = 1 + (index % 12);
    const household: Household = {
      response_id: `${run}-${String(index).padStart(6, '0')}`,
      response_family_id: `${run}-family-${index}`,
      user_id: `collector-${collector}`,
      username: `collector${collector}`,
      location: pick(PLACES),
      submitted_time: time,
      synced_time: new Date(changed + 60_000).toISOString(),
      last_modified_time: time,
      name: pick(NAMES),
      email: `respondent${index}@example.org`,
      mobile_number: `+2547${String(between(0, 99_999_999)).padStart(8, '0')}`,
      gender: pick(['female', 'male']),
      age: between(18, 95),
      [INCOME]: write(income),
      [SAVINGS]: write(savings),
      [EXPENDITURE]: write(expenditure),
      ...Object.fromEntries(ITEMS.map((key, item) => [key, write(items[item] ?? new Big(0))])),
    };
    if (index % HOUSEHOLDS_PER_ERROR === 0) pick(ERRORS)(household);
    yield household;
  }
}

/**
 * The household after the collector's correction: the total covers its items, the savings are at most income minus
 * expenditure, and `last_modified_time` is later.
 */
export function correctHousehold(household: Household): Household {
  const expenditure = larger(amountOf(household, EXPENDITURE), sumOfItems(household));
  const income = larger(amountOf(household, INCOME), expenditure);
  const left = income.minus(expenditure);
  const savings = larger(new Big(0), amountOf(household, SAVINGS));
  const changed = new Date(Date.parse(String(household['last_modified_time'])) + 3_600_000).toISOString();
  return {
    ...household,
    last_modified_time: changed,
    synced_time: changed,
    [INCOME]: income.toFixed(),
    [SAVINGS]: (savings.gt(left) ? left : savings).toFixed(),
    [EXPENDITURE]: expenditure.toFixed(),
  };
}

function larger(first: Big, second: Big): Big {
  return first.gt(second) ? first : second;
}

function amountOf(household: Household, key: string): Big {
  return new Big(household[key] ?? 0);
}

function sumOfItems(household: Household): Big {
  return ITEMS.reduce((sum, key) => sum.plus(amountOf(household, key)), new Big(0));
}
