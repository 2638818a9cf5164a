/** `npm run deploy [-- --dry-run [NAME=VALUE...]] [-- SAM'S OPTIONS]`: builds and deploys, or lists what a first deployment creates. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { plan, pythonTools, transformTemplates } from './dry-run.ts';

function showPlan(parameters: Record<string, string>): void {
  const resources = plan(transformTemplates(), parameters);
  for (const { stack, logicalId, type, onDelete } of resources) {
    console.log(`+ Add  ${type.padEnd(42)} ${stack}/${logicalId}${onDelete === 'Delete' ? '' : `  (${onDelete})`}`);
  }
  const stacks = new Set(resources.map(({ stack }) => stack));
  const types = new Set(resources.map(({ type }) => type));
  const kept = resources.filter(({ onDelete }) => onDelete !== 'Delete');
  console.log(`\n${resources.length} resources of ${types.size} types in ${stacks.size} stacks.`);
  console.log(`${kept.length} outlive their stack: ${kept.map(({ logicalId }) => logicalId).join(', ')}.`);
}

/** SAM shows the change set and asks. Its other options are in samconfig.toml. */
function deploy(options: readonly string[]): void {
  const sam = path.join(pythonTools(), 'bin', 'sam');
  for (const words of [['build'], ['deploy', ...options]]) {
    const { status } = spawnSync(sam, words, { stdio: 'inherit' });
    if (status !== 0) process.exit(status ?? 1);
  }
}

const options = process.argv.slice(2);
const assignments = options.flatMap((option) => [...option.matchAll(/^(\w+)=(.*)$/gs)]);
if (options.includes('--dry-run'))
  showPlan(Object.fromEntries(assignments.map(([, name = '', value = '']) => [name, value])));
else deploy(options);
