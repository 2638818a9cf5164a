/** Lists the resources of a deployment from the transformed templates. This needs no AWS account. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { Stack } from '../../local/template/stack.ts';
import { isRecord, record, text } from '../../local/template/values.ts';
import { UserError } from '../../local/user-error.ts';

export interface PlannedResource {
  stack: string;
  logicalId: string;
  type: string;
  /** What happens to it when its stack is deleted. */
  onDelete: string;
}

/** The folder of Python and SAM's tools. Installs them if they are missing. @throws {UserError} */
export function pythonTools(): string {
  try {
    return execFileSync('ops/deploy/tools.sh', { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  } catch {
    throw new UserError("SAM's tools cannot be installed: they need Python 3 and its package index.");
  }
}

/** The transformed templates, by their paths. */
export function transformTemplates(): Record<string, unknown> {
  const python = path.join(pythonTools(), 'bin', 'python');
  const output = execFileSync(python, ['ops/deploy/transform.py', 'template.yaml'], {
    encoding: 'utf8',
    maxBuffer: 64_000_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return record(JSON.parse(output));
}

/**
 * Every resource of the stack and its nested stacks, in the templates' order, with these parameters.
 *
 * @throws {TemplateError} when the template has no such parameter
 */
export function plan(templates: Record<string, unknown>, parameters: Record<string, string> = {}): PlannedResource[] {
  const endpoints = { services: 'https://services.invalid', httpApi: 'https://api.invalid' };
  const file = path.resolve('template.yaml');
  return planStack(templates, new Stack({ file, name: 'collect', idPrefix: '', parameters, endpoints }));
}

function planStack(templates: Record<string, unknown>, stack: Stack): PlannedResource[] {
  const { file, name, idPrefix } = stack.options;
  const nested = new Map(stack.nestedStacks().map((each) => [each.options.name, each]));
  const { Resources: resources } = record(templates[path.relative('.', file)]);
  return Object.entries(record(resources)).flatMap(([logicalId, definition]) => {
    if (!isRecord(definition)) return [];
    const condition = text(definition['Condition']);
    if (condition !== '' && !stack.condition(condition)) return [];
    const onDelete = text(definition['DeletionPolicy']) || 'Delete';
    const stackPath = `collect/${idPrefix}`.slice(0, -1);
    const own = { stack: stackPath, logicalId, type: text(definition['Type']), onDelete };
    const child = nested.get(`${name}-${logicalId}`);
    return child === undefined ? [own] : [own, ...planStack(templates, child)];
  });
}
