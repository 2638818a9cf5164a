/** Reads the templates for their tests, without resolving intrinsics. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseTemplate } from '../../local/template/parse.ts';
import { isRecord, list, record, text } from '../../local/template/values.ts';

export interface TemplateResource {
  file: string;
  logicalId: string;
  type: string;
  definition: Record<string, unknown>;
  properties: Record<string, unknown>;
}

const files = [
  'template.yaml',
  'db-proxy-lambda/template.yaml',
  'xlsform-lambda/template.yaml',
  ...readdirSync('aws-templates').map((name) => path.join('aws-templates', name)),
];

export const resources: TemplateResource[] = files.flatMap((file) =>
  Object.entries(parseTemplate(file).resources).map(([logicalId, each]) => {
    const definition = record(each);
    return {
      file,
      logicalId,
      type: text(definition['Type']),
      definition,
      properties: record(definition['Properties']),
    };
  }),
);

export const ofType = (type: string): TemplateResource[] => resources.filter((each) => each.type === type);

export const functions = ofType('AWS::Serverless::Function');

/** A function's own environment variables, without those of `Globals`. */
export const variablesOf = (properties: Record<string, unknown>): Record<string, unknown> =>
  record(record(properties['Environment'])['Variables']);

export const named = (each: TemplateResource): [string, TemplateResource] => [`${each.file} ${each.logicalId}`, each];

export interface Statement {
  where: string;
  effect: string;
  actions: string[];
  resources: unknown[];
  hasPrincipal: boolean;
  condition: unknown;
}

const many = (value: unknown): unknown[] => (Array.isArray(value) ? list(value) : [value]);

/** Every statement of every policy, except those of a key, whose resource is always itself. */
export const statements: Statement[] = resources
  .filter(({ type }) => type !== 'AWS::KMS::Key')
  .flatMap(({ file, logicalId, properties }) =>
    [...documents(properties)].flatMap((document) =>
      many(document['Statement'])
        .flatMap(branches)
        .filter((each) => !many(each['Action']).includes('sts:AssumeRole'))
        .map((each) => ({
          where: `${file} ${logicalId}`,
          effect: text(each['Effect']),
          actions: many(each['Action']).map(text),
          resources: many(each['Resource']),
          hasPrincipal: each['Principal'] !== undefined,
          condition: each['Condition'],
        })),
    ),
  );

function* documents(value: unknown): Generator<Record<string, unknown>> {
  if (Array.isArray(value)) for (const each of list(value)) yield* documents(each);
  if (!isRecord(value)) return;
  if (value['Statement'] !== undefined) yield value;
  for (const each of Object.values(value)) yield* documents(each);
}

/** A statement, or both branches of an `!If`. */
function branches(value: unknown): Record<string, unknown>[] {
  if (!isRecord(value)) return [];
  const choice = value['Fn::If'];
  if (choice === undefined) return value['Effect'] === undefined ? [] : [value];
  return list(choice).slice(1).flatMap(branches);
}
