import * as z from 'zod';
import { accept, type Answers, isPoint, type Point, refuse } from '../values/answer.ts';
import { isJsonObject, JsonNumber } from '../values/json.ts';
import { PLACE } from '../language/kinds.ts';
import { nameOf, questionMembers, type QuestionType } from './question-type.ts';

const schema = z.strictObject({ ...questionMembers, type: z.literal('geopoint') });

/** Degrees; metres above the sea, from the deepest trench to a high flight; metres of accuracy. */
const RANGES = {
  latitude: [-90, 90],
  longitude: [-180, 180],
  altitude: [-12_000, 100_000],
  accuracy: [0, 20_000_000],
} as const;
type Part = keyof typeof RANGES;
const PARTS = ['latitude', 'longitude', 'altitude', 'accuracy'] as const satisfies readonly Part[];

const ADVICE = `Send an object: latitude (-90 to 90) and longitude (-180 to 180) in degrees and, if known, altitude (${RANGES.altitude.join(' to ')}) and accuracy (0 or more) in metres.`;

/** A place by its latitude and longitude. An altitude or accuracy that is null is left out. */
export const geopoint: QuestionType<typeof schema> = {
  schema,
  takes: '`{"latitude", "longitude", "altitude"?, "accuracy"?}`: degrees and metres',
  kind: PLACE,
  parser: () => (value) => {
    const point = readPoint(value);
    return point === undefined ? refuse(ADVICE) : accept(point);
  },
  columns: ({ key, ...names }) =>
    PARTS.map((part) => ({
      name: `${key}_${part}`,
      short_name: `${nameOf({ key, ...names })}_${part}`,
      type: 'number',
      cell: (response: Answers) => {
        const value = response[key];
        return isPoint(value) ? (value[part] ?? null) : null;
      },
    })),
  jsonSchema: () => ({
    type: 'object',
    properties: Object.fromEntries(
      PARTS.map((part) => {
        const [minimum, maximum] = RANGES[part];
        return [part, { type: isOptional(part) ? ['number', 'null'] : 'number', minimum, maximum }];
      }),
    ),
    required: PARTS.filter((part) => !isOptional(part)),
    additionalProperties: false,
  }),
};

function isOptional(part: Part): boolean {
  return part === 'altitude' || part === 'accuracy';
}

function readPoint(value: unknown): Point | undefined {
  if (!isJsonObject(value) || Object.keys(value).some((member) => !Object.hasOwn(RANGES, member))) return undefined;
  const point: { [part in Part]?: number } = {};
  for (const part of PARTS) {
    const sent = Object.hasOwn(value, part) ? value[part] : undefined;
    if ((sent === undefined || sent === null) && isOptional(part)) continue;
    const number = sent instanceof JsonNumber ? sent.toJSON() : sent;
    const [min, max] = RANGES[part];
    if (typeof number !== 'number' || !(number >= min && number <= max)) return undefined;
    // Adding 0 turns -0 into 0, which is how JSON writes it.
    point[part] = number + 0;
  }
  return isPoint(point) ? point : undefined;
}
