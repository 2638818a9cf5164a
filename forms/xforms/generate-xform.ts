/** Generates the XForm of a form that was not uploaded as one. */
import type { FormDefinition } from '../definition/form-definition.ts';
import type { Question } from '../question-types/index.ts';
import { bindsOf, type Draft } from './generate-binds.ts';
import { controlsOf } from './generate-body.ts';
import { elementsOf } from './generate-instance.ts';
import { listInstance } from './generate-options.ts';
import { collectTexts, languagesOf } from './generate-texts.ts';
import { tag, text } from './generate-xml.ts';
import { type InstanceMap, type InstanceNode, plainInstanceOf } from './instance-nodes.ts';
import { softChecksOf, withChecks } from './soft-checks.ts';
import { absolutePath, placesIn, type Steps } from './to-xpath-places.ts';
import { factsOf } from './to-xpath-values.ts';

const NAMESPACES = {
  xmlns: 'http://www.w3.org/2002/xforms',
  'xmlns:h': 'http://www.w3.org/1999/xhtml',
  'xmlns:jr': 'http://openrosa.org/javarosa',
  'xmlns:odk': 'http://www.opendatakit.org/xforms',
  'xmlns:orx': 'http://openrosa.org/xforms',
};

/**
 * The XForm of a form's version: the same bytes for the same version. ODK Collect, KoboCollect and Enketo show its
 * questions; its rules are soft checks. The elements of its instances are those of `instanceOf`.
 *
 * @param definition of a form without an uploaded XForm
 */
export function generateXform(definition: FormDefinition, version: number): string {
  const instance = plainInstanceOf(definition, version);
  const checks = softChecksOf(definition, instance);
  const nodes = withChecks(instance.nodes, checks);
  const draft: Draft = {
    facts: factsOf(definition, placesIn(instance)),
    texts: collectTexts(languagesOf(definition)),
    checks: new Map(checks.map((check) => [check.steps.join('/'), check])),
  };
  const body = controlsOf(nodes, draft);
  const model = [...listsOf(nodes, draft), ...bindsOf(nodes, draft), ...metaBinds(instance, definition)];
  return documentOf(definition.title, draft, [instanceElement(instance, nodes), ...model], body);
}

/** Puts the parts of an XForm together. @param model what follows the texts */
export function documentOf(title: string, { texts }: Draft, model: readonly string[], body: string): string {
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

function instanceElement({ id, version, root }: InstanceMap, nodes: readonly InstanceNode[]): string {
  const meta = tag('meta', {}, tag('instanceID', {}), tag('instanceName', {}));
  return tag('instance', {}, tag(root, { id, version }, elementsOf(nodes), meta));
}

/** The lists of options that depend on an earlier answer. */
function listsOf(nodes: readonly InstanceNode[], draft: Draft, around: Steps = []): string[] {
  return nodes.flatMap((each) => {
    const steps = [...around, each.node];
    if ('nodes' in each) return listsOf(each.nodes, draft, steps);
    if (each.kind !== 'question' || !('options' in each.question)) return [];
    const list = listInstance(each.question.options, draft, steps);
    return list === '' ? [] : [list];
  });
}

/** Types whose answers tell responses apart in the app's list, besides texts. */
const TELLING: ReadonlySet<Question['type']> = new Set(['integer', 'date', 'select_one', 'choice']);

function metaBinds({ root, nodes }: InstanceMap, { title }: FormDefinition): string[] {
  const nodeset = (name: string) => absolutePath({ root }, ['meta', name]);
  const telling =
    nodes.find((each) => each.kind === 'question' && each.question.type === 'text') ??
    nodes.find((each) => each.kind === 'question' && TELLING.has(each.question.type));
  const calculate = telling === undefined ? `'${title.replaceAll("'", '’')}'` : absolutePath({ root }, [telling.node]);
  return [
    tag('bind', { nodeset: nodeset('instanceID'), type: 'string', readonly: 'true()', 'jr:preload': 'uid' }),
    tag('bind', { nodeset: nodeset('instanceName'), type: 'string', calculate }),
  ];
}
