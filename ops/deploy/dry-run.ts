/** What a first deployment creates, from the transformed templates, without an account. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Stack } from '../../local/template/stack.ts';
import { isRecord, record, text } from '../../local/template/values.ts';

const PREFIX = 'https://templates.invalid/';

export interface PlannedResource {
  stack: string;
  logicalId: string;
  type: string;
  /** `Delete` or `Retain`: what happens to it when its stack is deleted. */
  onDelete: string;
}

/** The folder of the Python environment with SAM; installs it if missing. */
export function pythonTools(): string {
  return execFileSync('ops/deploy/tools.sh', { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}

/** The transformed templates by path. */
export function transformTemplates(): Record<string, unknown> {
  const python = path.join(pythonTools(), 'bin', 'python');
  if (!existsSync(python)) throw new Error('The templates cannot be transformed: no Python is installed.');
  const output = execFileSync(python, ['ops/deploy/transform.py', 'template.yaml'], {
    encoding: 'utf8',
    maxBuffer: 64_000_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return record(JSON.parse(output));
}

/**
 * Every resource of the stack and its nested stacks with these parameters, in the templates' order.
 *
 * @throws {Error} naming a parameter that the template does not have
 */
export function plan(templates: Record<string, unknown>, parameters: Record<string, string> = {}): PlannedResource[] {
  const unused = { services: PREFIX, httpApi: PREFIX };
  const file = path.resolve('template.yaml');
  return planStack(templates, new Stack({ file, name: 'collect', idPrefix: '', parameters, endpoints: unused }));
}

function planStack(templates: Record<string, unknown>, stack: Stack): PlannedResource[] {
  const name = stack.options.idPrefix === '' ? stack.options.name : `collect/${stack.options.idPrefix.slice(0, -1)}`;
  const nested = new Map(stack.nestedStacks().map((each) => [each.options.name, each]));
  const transformed = record(templates[path.relative('.', stack.options.file)]);
  return Object.entries(record(transformed['Resources'])).flatMap(([logicalId, definition]) => {
    if (!isRecord(definition)) return [];
    const condition = text(definition['Condition']);
    if (condition !== '' && !stack.condition(condition)) return [];
    const onDelete = text(definition['DeletionPolicy']) || 'Delete';
    const self = { stack: name, logicalId, type: text(definition['Type']), onDelete };
    const child = nested.get(`${stack.options.name}-${logicalId}`);
    return child === undefined ? [self] : [self, ...planStack(templates, child)];
  });
}
