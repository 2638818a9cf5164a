/** What a deployment would make, read from the transformed templates: no account is needed. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { isRecord, record, text } from '../local/template/values.ts';

const NESTED = 'AWS::CloudFormation::Stack';
const PREFIX = 'https://templates.invalid/';

export interface PlannedResource {
  stack: string;
  logicalId: string;
  type: string;
  /** What becomes of it when its stack is deleted. */
  onDelete: string;
}

/** The folder of Python and SAM's translator, installed when it is missing. */
export function pythonTools(): string {
  return execFileSync('deploy/tools.sh', { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}

/** The transformed templates, by their paths. */
export function transformTemplates(): Record<string, unknown> {
  const python = path.join(pythonTools(), 'bin', 'python');
  if (!existsSync(python)) throw new Error('There is no Python to transform the templates with.');
  const output = execFileSync(python, ['deploy/transform.py', 'template.yaml'], {
    encoding: 'utf8',
    maxBuffer: 64_000_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return record(JSON.parse(output));
}

/** Every resource of the stack and of those that it nests, in the templates' order. */
export function plan(templates: Record<string, unknown>, file = 'template.yaml', stack = 'collect'): PlannedResource[] {
  const resources = record(record(templates[file])['Resources']);
  return Object.entries(resources).flatMap(([logicalId, definition]) => {
    if (!isRecord(definition)) return [];
    const type = text(definition['Type']);
    const self = { stack, logicalId, type, onDelete: text(definition['DeletionPolicy']) || 'Delete' };
    if (type !== NESTED) return [self];
    const location = text(record(definition['Properties'])['TemplateURL']).replace(PREFIX, '');
    return [self, ...plan(templates, location, `${stack}/${logicalId}`)];
  });
}
