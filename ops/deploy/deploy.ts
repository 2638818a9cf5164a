/**
 * `npm run deploy [-- SAM'S OPTIONS]`: builds and deploys. `npm run deploy -- --dry-run [NAME=VALUE...]`: prints the
 * resources of a deployment with these parameters.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { UserError, runCommand } from '../../local/user-error.ts';
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
  console.log(
    `${kept.length} remain after their stack is deleted: ${kept.map(({ logicalId }) => logicalId).join(', ')}.`,
  );
}

function readParameters(options: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    options.map((option) => {
      const [, name, value = ''] = /^(\w+)=(.*)$/s.exec(option) ?? [];
      if (name === undefined) throw new UserError(`--dry-run takes parameters as NAME=VALUE, not ${option}.`);
      return [name, value];
    }),
  );
}

/**
 * SAM asks for confirmation before it changes anything. Its settings are in samconfig.toml. Without pyxform, the
 * function that converts XLSForms replies that pyxform is missing.
 */
function deploy(options: readonly string[]): void {
  spawnSync('xlsform-lambda/install.sh', { stdio: ['ignore', 'ignore', 'inherit'] });
  const sam = path.join(pythonTools(), 'bin', 'sam');
  for (const words of [['build'], ['deploy', ...options]]) {
    const { status } = spawnSync(sam, words, { stdio: 'inherit' });
    if (status !== 0) process.exit(status ?? 1);
  }
}

await runCommand(async () => {
  const options = process.argv.slice(2);
  if (!options.includes('--dry-run')) return deploy(options);
  showPlan(readParameters(options.filter((option) => option !== '--dry-run')));
});
