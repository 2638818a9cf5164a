/** Random responses to the form of farms.ts. */
import { randomNumbers } from '../local/random.ts';
import { CROPS, ENTRIES } from './farms.ts';

/** The answers of a response, of a group or of an entry. */
export type Answers = Record<string, unknown>;

/** One response in eight breaks a rule; one response in a hundred does not fit the form. */
const RESPONSES_PER_ERROR = 8;
const RESPONSES_PER_FAULT = 100;

const ERRORS: ((farm: Farm) => void)[] = [
  ({ response }) => (response['village'] = 'test'),
  ({ response }) => (response['visited'] = '2026-09-01T09:00:01Z'),
  ({ crop }) => Object.assign(crop, { sold: 500.5, price: 2 }),
  ({ crop }) => (crop['planted'] = '2023-12-31'),
  ({ crop }) => Object.assign(crop, { sold: 1001, harvested: 1001, price: 60, losses: 'most', reason: 'rain' }),
  ({ member }) => (member['born'] = '1910-05-06'),
  ({ member }) => Object.assign(member, { works: true, job: 'miner', hours: 85, pay: '3000.01' }),
  ({ plot }) => Object.assign(plot, { area: '0.0001', owned: false, rent: '4000.0001' }),
  ({ animals }) => Object.assign(animals, { kind: 'ox', count: 51, sold: 60, value: 90_000 }),
];

const FAULTS: ((farm: Farm) => void)[] = [
  ({ response }) => Reflect.deleteProperty(response, 'consent'),
  ({ crop }) => (crop['area'] = 'wide'),
  ({ crop }) => Object.assign(crop, { losses: 'most', reason: '' }),
  ({ member }) => Object.assign(member, { ill: false, days_ill: 3 }),
  ({ plot }) => (plot['soil'] = 'clay'),
];

/** A response, and the parts of it in which errors are made. */
type Farm = { response: Answers; crop: Answers; member: Answers; plot: Answers; animals: Answers };

const entries = <T>(entry: (index: number) => T) => Array.from({ length: ENTRIES }, (_, place) => entry(place));

export function* generateFarms(count: number, seed: number): Generator<Answers> {
  const random = randomNumbers(seed);
  const upTo = (most: number) => Math.floor(random() * (most + 1));
  const pick = <T>(list: readonly T[]): T => {
    const chosen = list[upTo(list.length - 1)];
    if (chosen === undefined) throw new RangeError('The list is empty.');
    return chosen;
  };
  // Field apps send amounts as numbers or as text.
  const money = (most: number) => (random() < 0.3 ? `${upTo(most - 1)}.50` : upTo(most * 100) / 100);
  const details = () => {
    const sold = pick([0, 1 + upTo(400)]);
    return {
      variety: pick(['local', 'improved', 'hybrid']),
      source: pick(['own', 'market', 'shop']),
      area: 1 + upTo(20) / 4,
      harvested: 500,
      sold,
      ...(sold > 0 && { price: 1 + upTo(4) / 2 }),
      uses: pick([
        ['food', 'sale'],
        ['sale', 'seed', 'feed'],
      ]),
      planted: `2026-0${1 + upTo(5)}-1${upTo(9)}`,
      irrigated: random() < 0.2,
      ...(random() < 0.5 && { storage: 'a shed' }),
      losses: pick(['none', 'some']),
    };
  };
  const member = (index: number) => {
    const works = index === 0 || random() < 0.4;
    const ill = random() < 0.2;
    return {
      name: `Member ${index}`,
      sex: pick(['female', 'male']),
      born: `${index === 0 ? 1980 : 2000 + upTo(20)}-0${1 + upTo(8)}-1${upTo(9)}`,
      relation: index === 0 ? 'head' : 'child',
      school: pick(['none', 'primary']),
      works,
      ...(works && { job: 'farmer', hours: upTo(60), pay: money(900) }),
      ill,
      ...(ill && { days_ill: 1 + upTo(20) }),
    };
  };
  const plot = (index: number) => {
    const owned = random() < 0.8;
    return {
      name: `Plot ${index}`,
      area: 1 + upTo(60) / 4,
      owned,
      ...(!owned && { rent: money(200) }),
      crop: pick(CROPS),
      slope: pick(['flat', 'gentle', 'steep']),
      trees: 1 + upTo(40),
      yield: money(5000),
    };
  };
  const animals = () => ({
    kind: pick(['cow', 'goat', 'sheep', 'hen']),
    count: 5 + upTo(40),
    bought: upTo(5),
    sold: upTo(5),
    died: upTo(2),
    value: money(2000),
    vaccinated: random() < 0.5,
    ...(random() < 0.1 && { remark: 'counted at night' }),
  });

  for (let index = 1; index <= count; index += 1) {
    const crops = CROPS.map((crop, place) => {
      // The first crop is always grown, so that errors can be made in it.
      const isGrown = place === 0 || random() < 0.6;
      return [crop, { grown: isGrown ? 'yes' : 'no', ...(isGrown && { details: details() }) }] as const;
    });
    const lists = { members: entries(member), plots: entries(plot), animals: entries(animals) };
    const response: Answers = {
      response_id: `farm-${index}`,
      response_family_id: `family-${index}`,
      user_id: `collector-${index % 12}`,
      username: 'amina',
      location: 'Kisumu',
      submitted_time: '2026-09-01T09:00:00Z',
      synced_time: '2026-09-01T09:01:00Z',
      last_modified_time: '2026-09-01T09:00:00Z',
      village: 'Nyalenda',
      visited: '2026-09-01T10:00:00+03:00',
      consent: true,
      home: { latitude: -0.1 - random(), longitude: 34.7 + random(), accuracy: 5 },
      ...Object.fromEntries(crops),
      ...lists,
    };
    const farm = {
      response,
      crop: crops[0]?.[1].details ?? {},
      member: pick(lists.members),
      plot: pick(lists.plots),
      animals: pick(lists.animals),
    };
    if (index % RESPONSES_PER_ERROR === 0) pick(ERRORS)(farm);
    if (index % RESPONSES_PER_FAULT === 0) pick(FAULTS)(farm);
    yield response;
  }
}
