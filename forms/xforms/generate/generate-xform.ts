/** Generates the XForm of a form that was not uploaded as one. */
import type { FormDefinition } from '../../definition/form-definition.ts';
import type { Question } from '../../question-types/index.ts';
import { bindsOf } from './binds.ts';
import { controlsOf } from './body.ts';
import { elementsOf } from './instance-xml.ts';
import { documentOf, sharedPartsOf, listsOf } from './document.ts';
import { tag } from './tag.ts';
import { type InstanceMap, type InstanceNode, plainInstanceOf } from '../instance-nodes.ts';
import { softChecksOf, withChecks } from './soft-checks.ts';
import { absolutePath } from '../to-xpath/places.ts';

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
  const shared = sharedPartsOf(definition, instance, checks);
  const body = controlsOf(nodes, shared);
  const model = [...listsOf(nodes, shared), ...bindsOf(nodes, shared), ...metaBinds(instance, definition)];
  return documentOf(definition.title, shared, [instanceElement(instance, nodes), ...model], body);
}

function instanceElement({ id, version, root }: InstanceMap, nodes: readonly InstanceNode[]): string {
  const meta = tag('meta', {}, tag('instanceID', {}), tag('instanceName', {}));
  return tag('instance', {}, tag(root, { id, version }, elementsOf(nodes), meta));
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
