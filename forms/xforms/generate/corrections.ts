/**
 * The corrections form. A collector chooses a flagged response, sees why it was flagged, and corrects its answers. The
 * responses come in a file beside the form.
 */
import type { FormDefinition } from '../../definition/form-definition.ts';
import { correctionsVersion, FLAGGED_CSV, filledQuestions } from './corrections-csv.ts';
import { type OwnElement, ownSteps, plainCorrectionsInstance } from './corrections-instance.ts';
import { bindsOf, type SharedParts } from './binds.ts';
import { controlsOf } from './body.ts';
import { documentOf, sharedPartsOf, listsOf } from './document.ts';
import { elementsOf } from './instance-xml.ts';
import { inWords } from './wording.ts';
import { tag } from './tag.ts';
import type { InstanceNode } from '../instance-nodes.ts';
import { softChecksOf, withChecks } from './soft-checks.ts';
import { absolutePath } from '../to-xpath/places.ts';

const LIST = 'flagged';

/** The form for which a corrections form is made. */
export type CorrectedForm = {
  readonly definition: FormDefinition;
  /** The version of the form. */
  readonly version: number;
  /** The id of the form's XForm. */
  readonly xformId: string;
};

/**
 * The XForm with which a collector corrects flagged responses of a form, uploaded or not. It does not ask for files or
 * for answers in repeats; these stay as they are. The elements of its instances are those of `correctionsInstanceOf`.
 *
 * @param csv the result of `flaggedCsv`; its hash is the version of this form
 */
export function generateCorrectionsForm({ definition, version, xformId }: CorrectedForm, csv: string): string {
  const instance = plainCorrectionsInstance(definition, xformId, correctionsVersion(csv));
  const checks = softChecksOf(definition, instance);
  const nodes = withChecks(instance.nodes, checks);
  const shared = sharedPartsOf(definition, instance, checks);
  const pathOf = (own: OwnElement) => absolutePath(instance, ownSteps(definition, own));
  const chosen = `instance('${LIST}')/root/item[name = ${pathOf('response_id')}]`;
  const controls = [...chooser(definition, shared, pathOf, chosen), controlsOf(nodes, shared)].join('');
  const model = [
    tag('instance', {}, tag(instance.root, { id: instance.id, version: instance.version }, ...content(nodes, version))),
    tag('instance', { id: LIST, src: `jr://file-csv/${FLAGGED_CSV}` }),
    ...listsOf(nodes, shared),
    tag('bind', { nodeset: pathOf('response_id'), type: 'string', required: 'true()' }),
    tag('bind', { nodeset: pathOf('revision'), type: 'string', calculate: `${chosen}/revision` }),
    tag('bind', { nodeset: pathOf('form_version'), type: 'string' }),
    tag('bind', {
      nodeset: pathOf('reasons'),
      type: 'string',
      readonly: 'true()',
      relevant: `${pathOf('response_id')} != ''`,
    }),
    ...bindsOf(nodes, shared),
    tag('bind', {
      nodeset: absolutePath(instance, ['meta', 'instanceID']),
      type: 'string',
      readonly: 'true()',
      'jr:preload': 'uid',
    }),
    tag('bind', {
      nodeset: absolutePath(instance, ['meta', 'instanceName']),
      type: 'string',
      calculate: `${chosen}/label`,
    }),
  ];
  const title = inWords([['corrections', definition.title]], shared.texts.languages.slice(0, 1));
  return documentOf(typeof title === 'string' ? title : Object.values(title).join(''), shared, model, controls);
}

/** The elements of a new correction. Answers are filled in when a response is chosen. */
function content(nodes: readonly InstanceNode[], version: number): string[] {
  const empty = elementsOf(nodes, () => '');
  const meta = tag('meta', {}, tag('instanceID', {}), tag('instanceName', {}));
  return [empty.replace('<form_version/>', tag('form_version', {}, String(version))), meta];
}

/** The question about which response to correct, and the reasons of its flags. */
function chooser(
  definition: FormDefinition,
  { texts }: SharedParts,
  pathOf: (own: OwnElement) => string,
  chosen: string,
): string[] {
  const { languages } = texts;
  const root = pathOf('response_id').split('/').slice(0, 2).join('/');
  const fill = filledQuestions(definition).map(({ column, steps }) =>
    tag('setvalue', {
      event: 'xforms-value-changed',
      ref: [root, ...steps].join('/'),
      value: `${chosen}/${column}`,
    }),
  );
  const select = tag(
    'select1',
    { ref: pathOf('response_id') },
    texts.element('label', 'correction:label', inWords([['which_response']], languages)),
    tag(
      'itemset',
      { nodeset: `instance('${LIST}')/root/item` },
      tag('value', { ref: 'name' }),
      tag('label', { ref: 'label' }),
    ),
    ...fill,
  );
  const reasons = tag(
    'input',
    { ref: pathOf('reasons') },
    tag('label', {}, tag('output', { value: `${chosen}/reasons` })),
    texts.element('hint', 'correction:hint', inWords([['left_out']], languages)),
  );
  return [select, reasons];
}
