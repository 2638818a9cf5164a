/**
 * Setup of the project `system`, which runs the application. Its suites share a build of the functions, the layer and the
 * pages.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { prepareCode } from '../../local/bundle.ts';
import { readApplication } from '../../local/read-application.ts';
import { readServerKind } from '../support/private-server.ts';
import { ensureServers, ensureTestFolder } from './test-run.ts';

/** STACK_DATABASE names the server of the end-to-end tests, ARTEFACTS a folder with the output of `sam build`. */
export default async function setUp(): Promise<void> {
  const buildFolder = path.join(ensureTestFolder(), 'functions');
  if (existsSync(buildFolder)) return;
  const { STACK_DATABASE: stackDatabase, ARTEFACTS: artefacts } = process.env;
  if (stackDatabase !== undefined) await ensureServers([readServerKind(stackDatabase)]);
  for (const script of ['tracing/build.mjs', 'console/build.mjs']) {
    execFileSync(process.execPath, [script], { stdio: 'inherit' });
  }
  if (artefacts === undefined) await prepareCode(readApplication('template.yaml', {}).functions, { buildFolder });
}
