/** The instance of a generated XForm: its elements, with the answers that the phone fills in. */
import type { Question, Section } from '../../question-types/index.ts';
import { isList, isPoint, isScalar } from '../../values/answer.ts';
import { toInstant, toTimeOfDay } from '../../values/time.ts';
import { tag, text } from './tag.ts';
import type { InstanceNode } from '../instance-nodes.ts';

/** The most entries that a form begins with. */
const MAX_FIRST_ENTRIES = 10;

/** @param valueOf returns the text that a question's element has at first */
export function elementsOf(nodes: readonly InstanceNode[], valueOf = defaultOf): string {
  return writeElements(nodes, valueOf, false);
}

/** @param isEntry whether the nodes are in an entry with which the form begins. Repeats inside it have no template. */
function writeElements(
  nodes: readonly InstanceNode[],
  valueOf: (question: Question) => string,
  isEntry: boolean,
): string {
  return nodes
    .map((each) => {
      if (each.kind === 'question') return tag(each.node, {}, text(valueOf(each.question)));
      if (!('nodes' in each)) return tag(each.node, {});
      const own = writeElements(each.nodes, valueOf, isEntry);
      if (each.kind !== 'section' || each.section.type === 'group') return tag(each.node, {}, own);
      const entries = tag(each.node, {}, writeElements(each.nodes, valueOf, true)).repeat(firstEntries(each.section));
      return isEntry ? entries : tag(each.node, { 'jr:template': '' }, own) + entries;
    })
    .join('');
}

/** How many entries of a repeat a form begins with. */
function firstEntries(section: Section): number {
  return section.type === 'repeat' ? Math.min(section.min ?? 0, MAX_FIRST_ENTRIES) : 0;
}

/** Whether the number of a repeat's entries is fixed, and the form begins with all of them. */
export function isFixed(section: Section): boolean {
  return section.type === 'repeat' && section.min === section.max && (section.max ?? Infinity) <= MAX_FIRST_ENTRIES;
}

/** The default of a question as its element has it. Files cannot be filled in. */
function defaultOf(question: Question): string {
  const answer = 'default' in question ? question.default : undefined;
  const { type } = question;
  if (type === 'image' || type === 'audio' || type === 'video' || type === 'file') return '';
  return instanceText(type, answer);
}

/** An answer as an instance has it; '' if there is none. @param answer as stored */
export function instanceText(type: Question['type'], answer: unknown): string {
  if (isList(answer)) return answer.join(' ');
  if (isPoint(answer)) {
    const { latitude, longitude, altitude = 0, accuracy = 0 } = answer;
    return [latitude, longitude, altitude, accuracy].join(' ');
  }
  if (!isScalar(answer)) return '';
  const written = String(answer);
  if (type === 'datetime' || type === 'time') return toInstant(written)?.replace(/(\.\d{3})\d*Z$/, '$1Z') ?? written;
  return type === 'time_of_day' ? (toTimeOfDay(written) ?? written) : written;
}
