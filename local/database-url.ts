import path from 'node:path';

const SQLITE = 'sqlite:';

/**
 * The database of a stack on one machine: `DATABASE_URL` where it is set, else a file in the stack's folder.
 * The path of a file is made absolute, because functions run in folders of their own.
 *
 * @param home the stack's folder, COLLECT_HOME
 */
export function databaseUrlFor(environment: NodeJS.ProcessEnv, home: string): string {
  const given = environment['DATABASE_URL'];
  if (given === undefined || given === '') return SQLITE + path.resolve(home, 'collect.sqlite');
  return given.startsWith(SQLITE) ? SQLITE + path.resolve(given.slice(SQLITE.length)) : given;
}
