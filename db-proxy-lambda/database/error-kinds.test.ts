/** Driver errors that no test can bring about: what they are taken for. */
import { openMysql } from './mysql.ts';
import { openSqlite } from './sqlite.ts';

const driverError = (members: object) => Object.assign(new Error('As the driver words it.'), members);

describe('an error of mysql2', () => {
  const { errorKind, close } = openMysql({});
  afterAll(close);

  test.each([
    ['ER_DUP_ENTRY', 'DUPLICATE_KEY'],
    ['ER_LOCK_DEADLOCK', 'DATABASE_BUSY'],
    ['ER_LOCK_WAIT_TIMEOUT', 'DATABASE_BUSY'],
    ['ER_DISK_FULL', 'DATABASE_FULL'],
    ['ER_CON_COUNT_ERROR', 'DATABASE_UNAVAILABLE'],
    ['ER_OPTION_PREVENTS_STATEMENT', 'DATABASE_UNAVAILABLE'],
    ['ENOTFOUND', 'DATABASE_UNAVAILABLE'],
    // MySQL 8 says this on a connection that was idle for longer than wait_timeout.
    ['ER_CLIENT_INTERACTION_TIMEOUT', 'CONNECTION_LOST'],
    ['PROTOCOL_CONNECTION_LOST', 'CONNECTION_LOST'],
    ['ECONNRESET', 'CONNECTION_LOST'],
    ['ER_SERVER_SHUTDOWN', 'CONNECTION_LOST'],
    ['ER_PARSE_ERROR', 'INTERNAL'],
  ])('of the code %s is %s', (code, kind) => {
    expect(errorKind(driverError({ code }))).toBe(kind);
  });

  test.each(["Can't add new command when connection is in closed state", 'Connection is closed.'])(
    'that says %j and has no code is a lost connection',
    (message) => {
      expect(errorKind(new Error(message))).toBe('CONNECTION_LOST');
    },
  );

  test.each([undefined, null, 'ER_DUP_ENTRY', { code: 'ER_DUP_ENTRY' }, new Error('x')])(
    'is no such thing as example %#',
    (thrown) => {
      expect(errorKind(thrown)).toBe('INTERNAL');
    },
  );
});

describe('an error of node:sqlite', () => {
  const { errorKind } = openSqlite(':memory:');

  test.each([
    ['SQLITE_BUSY', 5, 'DATABASE_BUSY'],
    ['SQLITE_BUSY_SNAPSHOT', 517, 'DATABASE_BUSY'],
    ['SQLITE_LOCKED', 6, 'DATABASE_BUSY'],
    ['SQLITE_IOERR_WRITE', 778, 'DATABASE_UNAVAILABLE'],
    ['SQLITE_READONLY', 8, 'DATABASE_UNAVAILABLE'],
    ['SQLITE_FULL', 13, 'DATABASE_FULL'],
    ['SQLITE_CONSTRAINT_UNIQUE', 2067, 'DUPLICATE_KEY'],
    ['SQLITE_CONSTRAINT_NOTNULL', 1299, 'INTERNAL'],
    ['SQLITE_ERROR', 1, 'INTERNAL'],
  ])('%s (%d) is %s', (_name, errcode, kind) => {
    expect(errorKind(driverError({ errcode }))).toBe(kind);
  });

  test.each([undefined, null, { errcode: 5 }, new Error('x')])('is no such thing as example %#', (thrown) => {
    expect(errorKind(thrown)).toBe('INTERNAL');
  });
});
