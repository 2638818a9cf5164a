/** Reads CloudFormation's YAML: short tags (`!Ref`, `!Sub`, ...) become their long forms. */
import { readFileSync } from 'node:fs';
import { Pair, Scalar, YAMLMap, parseDocument } from 'yaml';
import type { CollectionTag, ScalarTag, YAMLSeq } from 'yaml';
import { TemplateError } from './model.ts';
import { isRecord } from './values.ts';

const FUNCTIONS = ['And', 'Equals', 'GetAZs', 'GetAtt', 'If', 'Join', 'Not', 'Or', 'Select', 'Split', 'Sub'];

/** The long forms of `!Ref` and `!Condition` have no `Fn::` prefix. */
const LONG_FORMS: [tag: string, longForm: string][] = [
  ['!Ref', 'Ref'],
  ['!Condition', 'Condition'],
  ...FUNCTIONS.map((name): [string, string] => [`!${name}`, `Fn::${name}`]),
];

function wrap(longForm: string, value: YAMLMap | YAMLSeq): YAMLMap {
  const map = new YAMLMap();
  map.add(new Pair(new Scalar(longForm), value));
  return map;
}

const customTags = LONG_FORMS.flatMap(([tag, longForm]): (ScalarTag | CollectionTag)[] => [
  { tag, resolve: (text) => ({ [longForm]: text }) },
  { tag, collection: 'map', resolve: (value) => wrap(longForm, value) },
  { tag, collection: 'seq', resolve: (value) => wrap(longForm, value) },
]);

export interface RawTemplate {
  file: string;
  parameters: Record<string, unknown>;
  conditions: Record<string, unknown>;
  globals: Record<string, unknown>;
  resources: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

/**
 * Parses the template at `file`; intrinsics stay unresolved.
 * @throws TemplateError when the file cannot be read, is not YAML or has no resources.
 */
export function parseTemplate(file: string): RawTemplate {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new TemplateError(`${file}: the template cannot be read`);
  }
  const document = parseDocument(text, { customTags, merge: true });
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) throw new TemplateError(`${file}: ${error.message}`);
  const template: unknown = document.toJS();
  const section = (name: string): Record<string, unknown> => {
    const value = isRecord(template) ? template[name] : undefined;
    return isRecord(value) ? value : {};
  };
  const resources = section('Resources');
  if (Object.keys(resources).length === 0) throw new TemplateError(`${file}: the template has no Resources`);
  return {
    file,
    parameters: section('Parameters'),
    conditions: section('Conditions'),
    globals: section('Globals'),
    resources,
    outputs: section('Outputs'),
  };
}
