/** What all generated XForms have in common. */
import type { FormDefinition } from '../../definition/form-definition.ts';
import type { SharedParts } from './binds.ts';
import { circularItems } from './circular-items.ts';
import { listInstance } from './options.ts';
import { collectTexts, languagesOf } from './texts.ts';
import { tag, text } from './tag.ts';
import type { InstanceMap, InstanceNode } from '../instance-nodes.ts';
import type { SoftCheck } from './soft-checks.ts';
import { placesIn, type Steps } from '../to-xpath/places.ts';
import { factsOf } from '../to-xpath/facts-of-form.ts';

const NAMESPACES = {
  xmlns: 'http://www.w3.org/2002/xforms',
  'xmlns:h': 'http://www.w3.org/1999/xhtml',
  'xmlns:jr': 'http://openrosa.org/javarosa',
  'xmlns:odk': 'http://www.opendatakit.org/xforms',
  'xmlns:orx': 'http://openrosa.org/xforms',
};

export function sharedPartsOf(
  definition: FormDefinition,
  instance: Pick<InstanceMap, 'root' | 'nodes'>,
  checks: readonly SoftCheck[],
): SharedParts {
  const facts = factsOf(definition, placesIn(instance));
  return {
    facts,
    circular: circularItems(instance.nodes, facts),
    texts: collectTexts(languagesOf(definition)),
    checks: new Map(checks.map((check) => [check.steps.join('/'), check])),
  };
}

/** Puts the parts of an XForm together. @param model the elements of the model that follow the texts */
export function documentOf(title: string, { texts }: SharedParts, model: readonly string[], body: string): string {
  const head = tag(
    'h:head',
    {},
    tag('h:title', {}, text(title)),
    tag(
      'model',
      { 'odk:xforms-version': '1.0.0' },
      tag('submission', { 'odk:client-editable': 'true' }),
      texts.written(),
      ...model,
    ),
  );
  return `<?xml version="1.0"?>\n${tag('h:html', NAMESPACES, head, tag('h:body', {}, body))}\n`;
}

/** The lists of options that depend on an earlier answer. */
export function listsOf(nodes: readonly InstanceNode[], shared: SharedParts, around: Steps = []): string[] {
  return nodes.flatMap((each) => {
    const steps = [...around, each.node];
    if ('nodes' in each) return listsOf(each.nodes, shared, steps);
    if (each.kind !== 'question' || !('options' in each.question)) return [];
    const list = listInstance(each.question.options, shared, steps);
    return list === '' ? [] : [list];
  });
}
