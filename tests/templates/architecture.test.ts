/** The diagram in docs/architecture.md shows the parts of template.yaml. */
import { readFileSync } from 'node:fs';
import { resources, type TemplateResource } from './read-templates.ts';

const SHOWN = /^AWS::(Serverless::(Function|Application)|SQS::Queue|SNS::Topic|S3::Bucket)$/;
const ALARMS_OF_ONE_FUNCTION = /(function|worker)-alarms\.yaml$/;

const parts = resources.filter(
  ({ file, type, properties }) =>
    file === 'template.yaml' && SHOWN.test(type) && !ALARMS_OF_ONE_FUNCTION.test(String(properties['Location'])),
);

/** A function with routes that uses only the db-proxy. The diagram has one box for all such functions. */
function isPlain({ type, properties }: TemplateResource): boolean {
  const { Environment: environment, Events: events } = properties;
  const uses = JSON.stringify([environment, events]);
  return (
    type.endsWith('::Function') &&
    uses.includes('"HttpApi"') &&
    parts.every(({ logicalId }) => logicalId === 'DbProxy' || !new RegExp(`"${logicalId}[".]`).test(uses))
  );
}

test('the diagram shows every part of template.yaml except plain functions, and nothing else', () => {
  const [, diagram = ''] = /```mermaid\n(.*?)```/s.exec(readFileSync('docs/architecture.md', 'utf8')) ?? [];
  const names = diagram.replaceAll(/\[.*?\]/g, '').match(/\b[A-Z]\w+/g) ?? [];
  const drawn = new Set(names.filter((name) => name !== 'LR'));

  const missing = parts.filter((part) => !isPlain(part) && !drawn.has(part.logicalId));
  expect(missing.map(({ logicalId }) => logicalId)).toEqual([]);
  expect(parts.map(({ logicalId }) => logicalId)).toEqual(expect.arrayContaining([...drawn]));
});
