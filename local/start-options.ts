/** The options of `npm start`, from its environment. */
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { isToken, MAX_TOKEN_LENGTH } from '../collect-lambdas/shared/token.ts';
import { databaseUrlFor, homeFolder } from './running-stack.ts';
import { UserError, errorCode } from './user-error.ts';
import type { StackTokens } from './tokens.ts';

const DEFAULT_PORT = '3000';
const ANY_PORT = '0';

export interface StartOptions {
  port: number;
  home: string;
  databaseUrl: string;
  /** The port of the Sheets emulator; 0 for any free port. */
  sheetsPort: number;
  /** The key file of a real service account, to use the real Google. */
  serviceAccountFile?: string;
  /** The default spreadsheet with the real Google. */
  spreadsheetId?: string;
  /** Tokens that the stack must accept. It generates those that are left out. */
  tokens: Partial<StackTokens>;
}

function readPort(environment: NodeJS.ProcessEnv, name: string, fallback: string): number {
  const given = environment[name] || fallback;
  const port = Number(given);
  if (!/^\d+$/.test(given) || port > 65_535) {
    throw new UserError(`${name} must be a number from 0 to 65535, not "${given}".`);
  }
  return port;
}

/** @returns '' if the variable is not set */
function readToken(environment: NodeJS.ProcessEnv, name: string): string {
  const token = environment[name] ?? '';
  if (token !== '' && !isToken(token)) {
    throw new UserError(
      `${name} cannot be a token: use at most ${MAX_TOKEN_LENGTH} letters, digits and - . _ ~ + / only.`,
    );
  }
  return token;
}

function prepareHome(environment: NodeJS.ProcessEnv): string {
  const home = homeFolder(environment);
  try {
    mkdirSync(home, { recursive: true });
    accessSync(home, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new UserError(
      `The folder ${home} cannot be written (${errorCode(error)}): set COLLECT_HOME to a folder that can be written.`,
    );
  }
  return home;
}

/**
 * Reads PORT, SHEETS_PORT, COLLECT_HOME, DATABASE_URL, GOOGLE_SERVICE_ACCOUNT_FILE, GOOGLE_SPREADSHEET_ID,
 * COLLECT_MANAGER_TOKEN and COLLECT_COLLECTOR_TOKEN, and creates the home.
 * @throws {UserError} when one of them cannot be used
 */
export function readStartOptions(environment: NodeJS.ProcessEnv): StartOptions {
  const home = prepareHome(environment);
  const { GOOGLE_SERVICE_ACCOUNT_FILE: serviceAccountFile = '', GOOGLE_SPREADSHEET_ID: spreadsheetId = '' } =
    environment;
  const manager = readToken(environment, 'COLLECT_MANAGER_TOKEN');
  const collector = readToken(environment, 'COLLECT_COLLECTOR_TOKEN');
  if (serviceAccountFile !== '' && !existsSync(serviceAccountFile)) {
    throw new UserError(`There is no file ${serviceAccountFile}: correct GOOGLE_SERVICE_ACCOUNT_FILE.`);
  }
  return {
    port: readPort(environment, 'PORT', DEFAULT_PORT),
    home,
    databaseUrl: databaseUrlFor(environment, home),
    sheetsPort: readPort(environment, 'SHEETS_PORT', ANY_PORT),
    ...(serviceAccountFile !== '' && { serviceAccountFile }),
    ...(spreadsheetId !== '' && { spreadsheetId }),
    tokens: { ...(manager !== '' && { manager }), ...(collector !== '' && { collector }) },
  };
}
