/** The diagram in docs/architecture.md is of the template: every part of it, and nothing else. */
import { readFileSync } from 'node:fs';
import { resources } from './read-templates.ts';

const SHOWN = /^AWS::(Serverless::(Function|Application)|SQS::Queue|SNS::Topic|S3::Bucket)$/;

test('the diagram shows every function, stack, queue, topic and bucket of template.yaml, and no other', () => {
  const [, diagram = ''] = /```mermaid\n(.*?)```/s.exec(readFileSync('docs/architecture.md', 'utf8')) ?? [];
  const drawn = new Set(diagram.replaceAll(/\[.*?\]/g, '').match(/\b[A-Z]\w+/g));
  const parts = resources.filter(({ file, type }) => file === 'template.yaml' && SHOWN.test(type));

  expect([...drawn].filter((name) => name !== 'LR').toSorted()).toEqual(
    parts.map(({ logicalId }) => logicalId).toSorted(),
  );
});
