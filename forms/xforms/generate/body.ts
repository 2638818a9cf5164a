/** The body of a generated XForm: what the phone asks. */
import { isSection, type Item, type Question } from '../../question-types/index.ts';
import type { Option } from '../../question-types/options.ts';
import type { SharedParts } from './binds.ts';
import { isFixed } from './instance-xml.ts';
import { choicesOf } from './options.ts';
import { inWords } from './wording.ts';
import { tag, text } from './tag.ts';
import type { InstanceNode } from '../instance-nodes.ts';
import type { SoftCheck } from './soft-checks.ts';
import { absolutePath, type Steps } from '../to-xpath/places.ts';

const MEDIA_TYPES = { image: 'image/*', audio: 'audio/*', video: 'video/*', file: 'application/*' } as const;

export function controlsOf(nodes: readonly InstanceNode[], shared: SharedParts, around: Steps = []): string {
  return nodes
    .map((each) => {
      const steps = [...around, each.node];
      const ref = absolutePath(shared.facts.places, steps);
      if (each.kind === 'question') return controlOf(each.question, shared, steps);
      if (each.kind === 'check') return checkControl(shared, steps);
      if (each.kind === 'hidden') return '';
      if (each.kind === 'metadata') return each.is === 'location' ? locationControl(ref, shared) : '';
      const inside = controlsOf(each.nodes, shared, steps);
      // A group that asks nothing, such as one of calculations, is not shown.
      if (each.kind === 'folder' || inside === '') return inside;
      const { section } = each;
      const label = wordsOf(section, shared, steps);
      if (section.type === 'group') return tag('group', { ref }, label, inside);
      const fixed = isFixed(section) ? 'true()' : undefined;
      return tag('group', { ref }, label, tag('repeat', { nodeset: ref, 'jr:noAddRemove': fixed }, inside));
    })
    .join('');
}

/** The label and the hint of an item. A question without a label is shown by its key. */
function wordsOf(item: Item, { texts }: SharedParts, steps: Steps): string {
  const id = steps.join('/');
  const label = texts.element('label', `${id}:label`, item.label ?? item.key);
  return item.hint === undefined || isSection(item) ? label : label + texts.element('hint', `${id}:hint`, item.hint);
}

function controlOf(question: Question, shared: SharedParts, steps: Steps): string {
  const ref = absolutePath(shared.facts.places, steps);
  const words = wordsOf(question, shared, steps);
  switch (question.type) {
    case 'calculate':
      return '';
    case 'boolean':
      return tag('select1', { ref }, words, choicesOf(yesAndNo(shared), shared, steps));
    case 'select_one':
    case 'choice':
      return tag('select1', { ref }, words, choicesOf(question.options, shared, steps));
    case 'select_multiple':
      return tag('select', { ref }, words, choicesOf(question.options, shared, steps));
    case 'image':
    case 'audio':
    case 'video':
    case 'file':
      return tag('upload', { ref, mediatype: MEDIA_TYPES[question.type] }, words);
    case 'text':
      return tag('input', { ref, appearance: question.multiline ? 'multiline' : undefined }, words);
    default:
      return tag('input', { ref }, words);
  }
}

function yesAndNo({ texts: { languages } }: SharedParts): Option[] {
  return [
    { name: 'true', label: inWords([['yes']], languages) },
    { name: 'false', label: inWords([['no']], languages) },
  ];
}

function locationControl(ref: string, { texts }: SharedParts): string {
  const { languages } = texts;
  return tag(
    'input',
    { ref },
    texts.element('label', 'location:label', inWords([['location']], languages)),
    texts.element('hint', 'location:hint', inWords([['location_hint']], languages)),
  );
}

function checkControl({ checks, facts, texts }: SharedParts, steps: Steps): string {
  const path = steps.join('/');
  const check = checks.get(path);
  if (check === undefined) return '';
  const hint = texts.element('hint', 'check:hint', inWords([['look_again']], texts.languages));
  return tag('trigger', { ref: absolutePath(facts.places, steps) }, checkLabel(check, texts, path), hint);
}

function checkLabel({ message }: SoftCheck, texts: SharedParts['texts'], path: string): string {
  if ('said' in message) return texts.element('label', `${path}:label`, inWords([message.said], texts.languages));
  return tag(
    'label',
    {},
    ...message.map((part) => (typeof part === 'string' ? text(part) : tag('output', { value: part.output }))),
  );
}
