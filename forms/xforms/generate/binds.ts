/** The `bind` elements of a generated XForm: what each element of an instance holds, and when. */
import { joinPath } from '../../definition/question-tree.ts';
import type { Expression } from '../../language/expression.ts';
import type { Item, Question } from '../../question-types/index.ts';
import { limitsOnPhone, isWide } from './limits.ts';
import type { TextCollector } from './texts.ts';
import { inWords } from './wording.ts';
import { tag } from './tag.ts';
import type { InstanceMetadata, InstanceNode } from '../instance-nodes.ts';
import type { SoftCheck } from './soft-checks.ts';
import { holdsOnPhone } from '../to-xpath/to-xpath.ts';
import type { Facts } from '../to-xpath/facts.ts';
import { isExact, plainNumberOf } from '../to-xpath/numbers.ts';
import { absolutePath, type Context, scopeAround, type Steps } from '../to-xpath/places.ts';
import { allOf, MAX_XPATH, TRUE } from '../to-xpath/text.ts';

/** What the parts of a generated XForm have in common. */
export type SharedParts = {
  readonly facts: Facts;
  readonly texts: TextCollector;
  /** The groups, repeats and questions whose `relevant` is left out, by path: see `circularItems`. */
  readonly circular: ReadonlySet<string>;
  /** The soft checks by the paths of their elements. */
  readonly checks: ReadonlyMap<string, SoftCheck>;
};

const TYPES = {
  text: 'string',
  integer: 'int',
  decimal: 'decimal',
  boolean: 'string',
  date: 'date',
  time_of_day: 'time',
  datetime: 'dateTime',
  time: 'dateTime',
  select_one: 'string',
  choice: 'string',
  select_multiple: 'string',
  geopoint: 'geopoint',
  image: 'binary',
  audio: 'binary',
  video: 'binary',
  file: 'binary',
  calculate: 'string',
  note: 'string',
} as const satisfies Readonly<Record<Question['type'], string>>;

/** The most pixels of a photo's longer side: such a photo has less than the 4 MB that one request can send. */
const MAX_PIXELS = '2048';

/** At this quality, 4 MB hold 45 minutes of sound. */
const AUDIO_QUALITY = 'voice-only';

const METADATA_BINDS: Readonly<Record<Exclude<InstanceMetadata, 'audit' | 'location'>, Record<string, string>>> = {
  start: { type: 'dateTime', 'jr:preload': 'timestamp', 'jr:preloadParams': 'start' },
  end: { type: 'dateTime', 'jr:preload': 'timestamp', 'jr:preloadParams': 'end' },
  today: { type: 'date', 'jr:preload': 'date', 'jr:preloadParams': 'today' },
  username: property('username'),
  deviceid: property('deviceid'),
  phonenumber: property('phonenumber'),
  email: property('email'),
  subscriberid: property('subscriberid'),
  simserial: property('simserial'),
};

function property(name: string) {
  return { type: 'string', 'jr:preload': 'property', 'jr:preloadParams': name };
}

/** Max length of the metadata `location`. */
const MAX_LOCATION = '200';

/** @param isSure whether the form has the `relevant` of each element around; if not, nothing inside is required */
export function bindsOf(
  nodes: readonly InstanceNode[],
  shared: SharedParts,
  around: Steps = [],
  path = '',
  isSure = true,
): readonly string[] {
  return nodes.flatMap((each) => {
    const steps = [...around, each.node];
    const nodeset = absolutePath(shared.facts.places, steps);
    const context = { steps, scope: scopeAround(shared.facts.places, steps) };
    if (each.kind === 'hidden') {
      const calculate = each.computes === undefined ? undefined : partOf(each.computes, shared, context);
      return calculate === undefined ? [] : [tag('bind', { nodeset, type: 'string', calculate })];
    }
    if (each.kind === 'question') {
      return [tag('bind', { nodeset, ...questionBind(each.question, shared, context, path, isSure) })];
    }
    if (each.kind === 'metadata') return [tag('bind', { nodeset, ...metadataBind(each.is, shared) })];
    if (each.kind === 'check') {
      const relevant = shared.checks.get(steps.join('/'))?.broken;
      return [tag('bind', { nodeset, type: 'string', required: TRUE, relevant })];
    }
    const relevant = each.kind === 'section' ? relevantOf(each.section, shared, context, path) : undefined;
    const own = relevant === undefined ? [] : [tag('bind', { nodeset, relevant })];
    const isSureInside =
      isSure && (each.kind !== 'section' || (each.section.relevant === undefined) === (relevant === undefined));
    const inside = each.kind === 'section' ? joinPath(path, each.section.key) : path;
    return [...own, ...bindsOf(each.nodes, shared, steps, inside, isSureInside)];
  });
}

function metadataBind(is: InstanceMetadata, { texts }: SharedParts): Record<string, string> {
  if (is === 'audit') return { type: 'binary' };
  if (is !== 'location') return METADATA_BINDS[is];
  const message = texts.attribute('location:limit', inWords([['length', MAX_LOCATION]], texts.languages));
  return { type: 'string', constraint: `string-length(.) <= ${MAX_LOCATION}`, 'jr:constraintMsg': message };
}

function questionBind(
  question: Question,
  shared: SharedParts,
  context: Context,
  around: string,
  isSure: boolean,
): Record<string, string | undefined> {
  const relevant = relevantOf(question, shared, context, around);
  if (question.type === 'note') return { type: 'string', readonly: TRUE, relevant };
  if (question.type === 'calculate') {
    return { type: 'string', readonly: TRUE, relevant, calculate: calculationOf(question, shared, context) };
  }
  const isKnown = question.relevant === undefined || relevant !== undefined;
  const limits = limitsOnPhone(question);
  const { languages } = shared.texts;
  return {
    type: isWide(question) ? 'decimal' : TYPES[question.type],
    required: isKnown && isSure ? requiredOf(question, shared, context) : undefined,
    relevant,
    constraint: limits?.constraint,
    'jr:constraintMsg':
      limits && shared.texts.attribute(`${context.steps.join('/')}:limit`, inWords(limits.said, languages)),
    'orx:max-pixels': question.type === 'image' ? MAX_PIXELS : undefined,
    'odk:quality': question.type === 'audio' ? AUDIO_QUALITY : undefined,
  };
}

/** The calculation of a part of an entry: in whole units if possible, so that parts add up exactly. */
function partOf(expression: Expression, { facts }: SharedParts, context: Context): string | undefined {
  const computed = facts.expressed(expression, context);
  if (computed?.kind !== 'number') return undefined;
  const { number, given } = computed;
  return calculation(given, isExact(number) ? number.units : number.value);
}

/** @param around the path of the group or repeat around the item */
function relevantOf(
  { key, relevant }: Item,
  shared: SharedParts,
  context: Context,
  around: string,
): string | undefined {
  if (relevant === undefined || shared.circular.has(joinPath(around, key))) return undefined;
  return holdsOnPhone(relevant, shared.facts, context);
}

function requiredOf({ required }: Question, { facts }: SharedParts, context: Context): string | undefined {
  if (typeof required === 'object') return holdsOnPhone(required, facts, context);
  return required ? TRUE : undefined;
}

function calculationOf(
  { value }: Extract<Question, { type: 'calculate' }>,
  { facts }: SharedParts,
  context: Context,
): string | undefined {
  const computed = facts.expressed(value, context);
  if (computed === undefined) return undefined;
  const result =
    computed.kind === 'number' ? plainNumberOf(computed.number) : 'date' in computed ? computed.date : computed.path;
  return calculation(computed.given, result);
}

/** A calculation that is blank while a condition in `given` is false; undefined if it is too long. */
function calculation(given: readonly string[], result: string): string | undefined {
  const written = given.length === 0 ? result : `if(${allOf(given)}, ${result}, '')`;
  return written.length > MAX_XPATH ? undefined : written;
}
