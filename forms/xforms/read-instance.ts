/** Reads a submission's XML: its ids, and the answers of its form. Nothing in it is refused. */
import type { Question, Section } from '../question-types/index.ts';
import type { RoundedAmount } from '../compiled/misfits.ts';
import { pointerTo } from '../values/fault.ts';
import type { InstanceMap, InstanceMetadata, InstanceNode } from './instance.ts';
import { readAnswer } from './read-answer.ts';
import { attributeOf, elementsIn, textIn, type XmlElement } from './xml.ts';

/** The ids of a submission: of its form and version, and its own. Absent ids are undefined. */
export type InstanceHead = {
  readonly formId: string;
  /** '' if the XForm has no version. */
  readonly version: string;
  readonly instanceId: string | undefined;
  /** The id of the submission that this one corrects. */
  readonly deprecatedId: string | undefined;
  readonly instanceName: string | undefined;
};

/** An element that the form does not have, or a repeated element: its path below the root, and its text. */
export type UnknownNode = { readonly path: string; readonly text: string; readonly why: string };

/** An amount that was rounded to the decimals of its question. */
export type ReadRounded = RoundedAmount & { readonly isCalculated: boolean };

/** The answers of a submission. */
export type InstanceContent = {
  /** By key, as JSON for the readers of submissions; those of a group are an object, those of a repeat a list. */
  readonly answers: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Partial<Record<InstanceMetadata, string>>>;
  /** The first place among the answers. */
  readonly place: string | undefined;
  readonly unknown: readonly UnknownNode[];
  /** Amounts with more decimals than their questions take, as the collector entered or the phone calculated them. */
  readonly rounded: readonly ReadRounded[];
  /** The rules whose warning the collector confirmed; `entry` points to the entry of a repeat. */
  readonly acknowledged: readonly { readonly rule: string; readonly entry?: string }[];
};

const XFORMS = 'http://openrosa.org/xforms';
const JAVAROSA = 'http://openrosa.org/javarosa';
const META = 'meta';

/** Reads the ids of a submission. A form without an `id` is named by its namespace. */
export function readHead(root: XmlElement): InstanceHead {
  const meta = findMeta(root);
  const text = (local: string) => {
    const found = meta && elementsIn(meta, local)[0];
    const value = found === undefined ? '' : textIn(found).trim();
    return value === '' ? undefined : value;
  };
  return {
    formId: (attributeOf(root, 'id') ?? root.uri).trim(),
    version: (attributeOf(root, 'version') ?? attributeOf(root, 'version', XFORMS) ?? '').trim(),
    instanceId: text('instanceID'),
    deprecatedId: text('deprecatedID'),
    instanceName: text('instanceName'),
  };
}

/** The first `meta` with an instanceID, at any depth; the outermost first. */
function findMeta(root: XmlElement): XmlElement | undefined {
  const waiting = [root];
  for (const element of waiting) {
    const inside = elementsIn(element);
    const meta = inside.find((each) => each.local === META && elementsIn(each, 'instanceID').length > 0);
    if (meta !== undefined) return meta;
    waiting.push(...inside);
  }
  return undefined;
}

type Reading = {
  readonly metadata: Partial<Record<InstanceMetadata, string>>;
  readonly unknown: UnknownNode[];
  readonly rounded: ReadRounded[];
  readonly acknowledged: { rule: string; entry?: string }[];
  place: string | undefined;
};

/** Where an element is: the path of elements below the root, and the JSON pointer to the innermost entry around it. */
type Place = { readonly path: string; readonly pointer: string; readonly entry: string | undefined };

/** Reads the answers of a submission by the elements of its form. Blank elements are not answers. */
export function readInstance(root: XmlElement, { nodes }: Pick<InstanceMap, 'nodes'>): InstanceContent {
  const reading: Reading = { metadata: {}, unknown: [], rounded: [], acknowledged: [], place: undefined };
  const answers: Record<string, unknown> = {};
  readNodes(root, nodes, { path: '', pointer: '', entry: undefined }, answers, reading);
  return { answers, ...reading };
}

/** @param answers the answers that are found are added here */
function readNodes(
  parent: XmlElement,
  nodes: readonly InstanceNode[],
  place: Place,
  answers: Record<string, unknown>,
  reading: Reading,
): void {
  const sent = new Map<string, XmlElement[]>();
  for (const element of elementsIn(parent)) {
    // The template of a repeat is not an entry.
    if (attributeOf(element, 'template', JAVAROSA) !== undefined) continue;
    const same = sent.get(element.local);
    if (same === undefined) sent.set(element.local, [element]);
    else same.push(element);
  }
  for (const node of nodes) {
    const elements = sent.get(node.node) ?? [];
    sent.delete(node.node);
    readNode(node, elements, { ...place, path: `${place.path}/${node.node}` }, answers, reading);
  }
  for (const [local, elements] of sent) {
    if (local === META || parent.local === META) continue;
    for (const element of elements) {
      addUnknown(element, `${place.path}/${local}`, 'The form has no such question.', reading);
    }
  }
}

function readNode(
  node: InstanceNode,
  elements: readonly XmlElement[],
  place: Place,
  answers: Record<string, unknown>,
  reading: Reading,
): void {
  if (node.kind === 'section' && node.section.type === 'repeat') {
    readEntries(node.section, node.nodes, elements, place, answers, reading);
    return;
  }
  const [element, ...others] = elements;
  if (element === undefined) return;
  for (const other of others) addUnknown(other, place.path, 'It was sent more than once; the first counts.', reading);
  switch (node.kind) {
    case 'section':
      readGroup(node.section, node.nodes, element, place, answers, reading);
      break;
    case 'folder':
      readNodes(element, node.nodes, place, answers, reading);
      break;
    case 'question':
      readQuestion(node.question, element, place, answers, reading);
      break;
    case 'metadata': {
      const text = textIn(element).trim();
      if (text !== '') reading.metadata[node.is] ??= text;
      break;
    }
    case 'check':
      if (textIn(element).trim() === '') break;
      reading.acknowledged.push({ rule: node.rule, ...(place.entry !== undefined && { entry: place.entry }) });
  }
}

function readGroup(
  { key }: Section,
  nodes: readonly InstanceNode[],
  element: XmlElement,
  place: Place,
  answers: Record<string, unknown>,
  reading: Reading,
): void {
  const inside: Record<string, unknown> = {};
  readNodes(element, nodes, { ...place, pointer: place.pointer + pointerTo(key) }, inside, reading);
  if (Object.keys(inside).length > 0) answers[key] = inside;
}

function readEntries(
  { key }: Section,
  nodes: readonly InstanceNode[],
  elements: readonly XmlElement[],
  place: Place,
  answers: Record<string, unknown>,
  reading: Reading,
): void {
  if (elements.length === 0) return;
  answers[key] = elements.map((element, index) => {
    const entry = place.pointer + pointerTo(key, index);
    const inside: Record<string, unknown> = {};
    readNodes(element, nodes, { path: place.path, pointer: entry, entry }, inside, reading);
    return inside;
  });
}

function readQuestion(
  question: Question,
  element: XmlElement,
  place: Place,
  answers: Record<string, unknown>,
  reading: Reading,
): void {
  const text = textIn(element);
  if (text.trim() === '') return;
  const { value, rounded } = readAnswer(question, text);
  answers[question.key] = value;
  const pointer = place.pointer + pointerTo(question.key);
  if (rounded !== undefined) reading.rounded.push({ pointer, sent: text.trim(), ...rounded });
  if (question.type === 'geopoint' && typeof value === 'object') reading.place ??= placeIn(text);
}

/** `latitude, longitude` */
function placeIn(text: string): string {
  return text.trim().split(/\s+/).slice(0, 2).join(', ');
}

/** Blank elements, which hold no answer, are not misfits. */
function addUnknown(element: XmlElement, path: string, why: string, reading: Reading): void {
  const text = textIn(element).trim();
  if (text !== '') reading.unknown.push({ path, text, why });
}
