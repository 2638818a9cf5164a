/**
 * Runs schemathesis on a temporary stack. It generates requests from openapi.json, and fails on a 5xx and on an
 * undocumented status, content type or body. The argument is the path of schemathesis:
 * `$(tests/security/tools.sh)/bin/schemathesis`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startStack, tokensOf } from '../../local/stack.ts';

/** A fixed seed: every run sends the same requests, so that failures are reproducible. */
const SEED = '20260901';
const EXAMPLES_EACH = '20';
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'response_headers_conformance',
];

async function run(program: string): Promise<number> {
  const home = mkdtempSync(path.join(tmpdir(), 'collect-fuzz-'));
  const databaseUrl = `sqlite:${path.join(home, 'collect.sqlite')}`;
  try {
    const stack = await startStack({ templateFile: 'template.yaml', home, port: 0, databaseUrl });
    try {
      const options = {
        '--header': `Authorization: Bearer ${tokensOf(stack).manager}`,
        '--checks': CHECKS.join(','),
        '--phases': 'examples,coverage,fuzzing',
        '--max-examples': EXAMPLES_EACH,
        '--seed': SEED,
        '--generation-database': 'none',
        '--suppress-health-check': 'all',
        '--workers': '2',
        '--warnings': 'off',
      };
      const words = ['run', `${stack.host.url}/openapi.json`, '--no-color', ...Object.entries(options).flat()];
      const env = { ...process.env, SCHEMATHESIS_HOOKS: path.resolve('tests/security/schemathesis_hooks.py') };
      const schemathesis = spawn(program, words, { stdio: 'inherit', cwd: home, env });
      const [code] = (await once(schemathesis, 'exit')) as [number | null];
      return code ?? 1;
    } finally {
      await stack.stop();
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const [, , program = 'schemathesis'] = process.argv;
process.exit(await run(program));
