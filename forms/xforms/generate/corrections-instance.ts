/** What a correction holds: which response it corrects, and the answers that a collector can correct in it. */
import type { Flag } from '../../compiled/flags.ts';
import type { FormDefinition } from '../../definition/form-definition.ts';
import { OWN_FLAGS } from '../../definition/metadata.ts';
import { joinPath } from '../../definition/question-tree.ts';
import { sentKey } from '../../question-types/calculate.ts';
import { isSection, type Item, type Question } from '../../question-types/index.ts';
import type { Answers } from '../../values/answer.ts';
import { isJsonObject } from '../../values/json.ts';
import { freeName, generatedNames, type InstanceMap, type InstanceNode, recordedQuestions } from '../instance-nodes.ts';
import { softChecksOf, withChecks } from './soft-checks.ts';
import type { Steps } from '../to-xpath/places.ts';
import { elementIn, textIn, type XmlElement } from '../xml.ts';

const ROOT = 'data';

/** The elements of a correction that hold no answers. */
const OWN = ['response_id', 'revision', 'form_version', 'reasons'] as const;
export type OwnElement = (typeof OWN)[number];

/** The response that a correction corrects. */
export type CorrectionHead = {
  readonly response_id: string;
  /** The revision that the collector saw. */
  readonly revision: number;
  /** The version of the form whose questions were asked. */
  readonly form_version: number;
};

/** The id of a form's corrections form. @param xformId that of the form itself */
export function correctionsId(xformId: string): string {
  return `${xformId}_corrections`;
}

/**
 * The elements of a corrections form's instances. There are none for repeats, files, and what the phone recorded.
 *
 * @param xformId of the form itself
 * @param version of the corrections form: a hash of the CSV file that lists its responses (`correctionsVersion`)
 */
export function correctionsInstanceOf(definition: FormDefinition, xformId: string, version: string): InstanceMap {
  const instance = plainCorrectionsInstance(definition, xformId, version);
  return { ...instance, nodes: withChecks(instance.nodes, softChecksOf(definition, instance)) };
}

/** As `correctionsInstanceOf`, without the elements of soft checks. */
export function plainCorrectionsInstance(definition: FormDefinition, xformId: string, version: string): InstanceMap {
  const own = OWN.map((node) => ({ kind: 'hidden' as const, node }));
  const folder: InstanceNode = { kind: 'folder', node: folderOf(definition), nodes: own };
  return {
    id: correctionsId(xformId),
    version,
    root: ROOT,
    nodes: [folder, ...nodesOf(definition.questions, recordedQuestions(definition))],
  };
}

/** The path of an element that holds no answer in a corrections form. */
export function ownSteps(definition: FormDefinition, node: OwnElement): Steps {
  return [folderOf(definition), node];
}

/** @returns undefined if no response was chosen */
export function readCorrection(root: XmlElement, definition: FormDefinition): CorrectionHead | undefined {
  const folder = elementIn(root, folderOf(definition));
  const textOf = (node: OwnElement) => {
    const element = folder && elementIn(folder, node);
    return element === undefined ? '' : textIn(element).trim();
  };
  const [response_id, revision, form_version] = [textOf('response_id'), textOf('revision'), textOf('form_version')];
  if (response_id === '') return undefined;
  return { response_id, revision: wholeNumber(revision), form_version: wholeNumber(form_version) };
}

/** An engine may write a whole number with decimals. */
function wholeNumber(text: string): number {
  const number = Math.round(Number(text));
  return Number.isSafeInteger(number) ? number : 0;
}

/**
 * The answers of a response after a correction. Answers that the corrections form does not ask for stay as they are.
 *
 * @param current the answers and metadata as stored
 * @param corrected the answers of the correction, by key
 */
export function mergeCorrection(
  definition: Pick<FormDefinition, 'questions' | 'xform'>,
  current: Answers,
  corrected: Answers,
): Record<string, unknown> {
  return mergeItems(definition.questions, recordedQuestions(definition), current, corrected);
}

function mergeItems(
  items: readonly Item[],
  recorded: ReadonlySet<Item>,
  current: Answers,
  corrected: Answers,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...current };
  for (const item of items) {
    const { key } = item;
    const answer = Object.hasOwn(corrected, key) ? corrected[key] : undefined;
    if (item.type === 'group') {
      const group = mergeItems(item.questions, recorded, objectIn(merged, key), isJsonObject(answer) ? answer : {});
      if (Object.keys(group).length > 0) merged[key] = group;
      else Reflect.deleteProperty(merged, key);
    } else if (isAsked(item, recorded) && !(item.type === 'calculate' && answer === undefined)) {
      Reflect.deleteProperty(merged, sentKey(key));
      if (answer === undefined) Reflect.deleteProperty(merged, key);
      else merged[key] = answer;
    }
  }
  return merged;
}

function objectIn(answers: Answers, key: string): Answers {
  const value = Object.hasOwn(answers, key) ? answers[key] : undefined;
  return isJsonObject(value) ? value : {};
}

/**
 * The paths of the questions that a corrections form asks: all except those in repeats, those that take files, and
 * those that the phone itself recorded.
 */
export function askedPaths(definition: Pick<FormDefinition, 'questions' | 'xform'>): ReadonlySet<string> {
  const recorded = recordedQuestions(definition);
  const pathsIn = (items: readonly Item[], around: string): string[] =>
    items.flatMap((item) => {
      const path = joinPath(around, item.key);
      if (item.type === 'group') return pathsIn(item.questions, path);
      return isAsked(item, recorded) ? [path] : [];
    });
  return new Set(pathsIn(definition.questions, ''));
}

/**
 * Whether a collector can clear a flag with a corrections form. An acknowledged flag and a flag for a missing
 * attachment cannot be cleared. A flag with questions can be cleared if the form asks one of them. A flag without
 * questions can be cleared if it is about the whole response, not about an entry of a repeat.
 *
 * @param asked the result of `askedPaths`
 */
export function isCorrectable(
  { rule, entry, questions, acknowledged }: Pick<Flag, 'rule' | 'entry' | 'questions' | 'acknowledged'>,
  asked: ReadonlySet<string>,
): boolean {
  if (acknowledged || rule === OWN_FLAGS.missingAttachment) return false;
  return questions.length === 0 ? entry === undefined : questions.some((path) => asked.has(path));
}

function nodesOf(items: readonly Item[], recorded: ReadonlySet<Item>): InstanceNode[] {
  const asked = items.filter((item) =>
    item.type === 'group' ? nodesOf(item.questions, recorded).length > 0 : isAsked(item, recorded),
  );
  const names = generatedNames(asked);
  return asked.map((item, index) => {
    const node = names[index] ?? item.key;
    return isSection(item)
      ? { kind: 'section', node, section: item, nodes: nodesOf(item.questions, recorded) }
      : { kind: 'question', node, question: item };
  });
}

const FILES: ReadonlySet<Item['type']> = new Set(['image', 'audio', 'video', 'file']);

function isAsked(item: Item, recorded: ReadonlySet<Item>): item is Question {
  return !isSection(item) && !FILES.has(item.type) && !recorded.has(item);
}

function folderOf({ questions }: FormDefinition): string {
  return freeName('correction', questions);
}
