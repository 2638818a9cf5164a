/** `npm start`: runs the application locally until Ctrl-C. */
import { setTimeout as wait } from 'node:timers/promises';
import { checkDatabase } from './database-check.ts';
import { lockHome } from './home-lock.ts';
import type { Host } from './host.ts';
import { readStartOptions, type StartOptions } from './start-options.ts';
import { startStack, type Stack } from './stack.ts';
import { signalToStop } from './stop-signal.ts';
import { formPageOf, LOCAL_COLLECTOR } from './tokens.ts';
import { UserError, errorCode, runCommand } from './user-error.ts';

const READY_SECONDS = 60;
const RETRY_MILLISECONDS = 500;
/** A umask under which only the user can read the home's files, such as tokens, a key and the database. */
const OWNER_ONLY = 0o077;

function startProblem(error: unknown, { port, sheetsPort }: StartOptions): unknown {
  switch (errorCode(error)) {
    case 'EADDRINUSE': {
      const used = error instanceof Error && 'port' in error ? error.port : port;
      if (used === sheetsPort) return new UserError(`Port ${sheetsPort} is in use: choose another SHEETS_PORT.`);
      return new UserError(`Port ${port} is in use: choose another one, such as PORT=${port + 1} npm start.`);
    }
    case 'EACCES':
      return new UserError(`Port ${port} may not be used by this user: choose one above 1023, such as PORT=3000.`);
    default:
      return error;
  }
}

/** Waits until `GET /health` replies 200. */
async function waitUntilReady(host: Host): Promise<void> {
  const deadline = Date.now() + READY_SECONDS * 1000;
  for (;;) {
    const response = await fetch(`${host.url}/health`);
    const body = await response.text();
    if (response.status === 200) return;
    if (Date.now() > deadline || response.status === 404) {
      throw new UserError(`GET /health replies ${response.status} (${body.trim()}): look into ${host.logFolder}.`);
    }
    await wait(RETRY_MILLISECONDS);
  }
}

function announce({ host, sheets, tokens }: Stack, database: string): void {
  for (const note of host.model.notes) console.log(note);
  console.log(`Collect is ready at ${host.url}`);
  console.log(`  database  ${database}`);
  console.log(`  sheets    ${sheets?.url ?? 'Google Sheets'}`);
  console.log(`  logs      ${host.logFolder}`);
  if (tokens !== undefined) {
    console.log(`  manager's token    ${tokens.manager}`);
    console.log(`  collector's token  ${tokens.collector} (of ${LOCAL_COLLECTOR})`);
    console.log(`  console            ${host.url}/console/  (sign in with the manager's token)`);
    console.log(`  form page          ${formPageOf(host.url, tokens)}`);
    console.log(`  API docs           ${host.url}/docs`);
  }
  console.log('Ctrl-C stops it.');
}

async function serve(options: StartOptions, stopping: Promise<void>, templateFile: string): Promise<void> {
  const database = await checkDatabase(options.databaseUrl);
  const stack = await startStack({ templateFile, ...options }).catch((error: unknown) => {
    throw startProblem(error, options);
  });
  try {
    const ready = waitUntilReady(stack.host).then(() => announce(stack, database));
    await Promise.race([ready.then(() => stopping), stopping]);
  } finally {
    await stack.stop();
  }
}

process.umask(OWNER_ONLY);
const stopping = signalToStop();
await runCommand(async () => {
  const options = readStartOptions(process.env);
  const unlockHome = lockHome(options.home);
  try {
    await serve(options, stopping, process.argv[2] ?? 'template.yaml');
  } finally {
    unlockHome();
  }
});
process.exit();
