/** The kinds of driver errors that tests cannot cause. */
import { mysqlErrorKind } from './mysql-errors.ts';
import { openSqlite } from './sqlite.ts';

const driverError = (members: object) => Object.assign(new Error('As the driver words it.'), members);

describe('the kind of an error of mysql2', () => {
  test.each([
    [1060, 'ER_DUP_FIELDNAME', '42S21', 'ALREADY_EXISTS'],
    [1062, 'ER_DUP_ENTRY', '23000', 'DUPLICATE_KEY'],
    [1205, 'ER_LOCK_WAIT_TIMEOUT', 'HY000', 'DATABASE_BUSY'],
    [1206, 'ER_LOCK_TABLE_FULL', 'HY000', 'DATABASE_BUSY'],
    [1213, 'ER_LOCK_DEADLOCK', '40001', 'DATABASE_BUSY'],
    [1637, 'ER_TOO_MANY_CONCURRENT_TRXS', 'HY000', 'DATABASE_BUSY'],
    [3024, 'ER_QUERY_TIMEOUT', 'HY000', 'DATABASE_BUSY'],
    [1021, 'ER_DISK_FULL', 'HY000', 'DATABASE_FULL'],
    [1026, 'ER_ERROR_ON_WRITE', 'HY000', 'DATABASE_UNAVAILABLE'],
    [1030, 'ER_GET_ERRNO', 'HY000', 'DATABASE_UNAVAILABLE'],
    [1037, 'ER_OUTOFMEMORY', 'HY001', 'DATABASE_UNAVAILABLE'],
    [1040, 'ER_CON_COUNT_ERROR', '08004', 'DATABASE_UNAVAILABLE'],
    [1041, 'ER_OUT_OF_RESOURCES', 'HY000', 'DATABASE_UNAVAILABLE'],
    [1105, 'ER_UNKNOWN_ERROR', 'HY000', 'DATABASE_UNAVAILABLE'],
    [1135, 'ER_CANT_CREATE_THREAD', 'HY000', 'DATABASE_UNAVAILABLE'],
    [1054, 'ER_BAD_FIELD_ERROR', '42S22', 'DATABASE_UNAVAILABLE'],
    [1146, 'ER_NO_SUCH_TABLE', '42S02', 'DATABASE_UNAVAILABLE'],
    [1180, 'ER_ERROR_DURING_COMMIT', 'HY000', 'DATABASE_UNAVAILABLE'],
    [1226, 'ER_USER_LIMIT_REACHED', '42000', 'DATABASE_UNAVAILABLE'],
    [1290, 'ER_OPTION_PREVENTS_STATEMENT', 'HY000', 'DATABASE_UNAVAILABLE'],
    [1792, 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION', '25006', 'DATABASE_UNAVAILABLE'],
    [1836, 'ER_READ_ONLY_MODE', 'HY000', 'DATABASE_UNAVAILABLE'],
    [3032, 'ER_SERVER_OFFLINE_MODE', 'HY000', 'DATABASE_UNAVAILABLE'],
    [9501, undefined, 'HY000', 'DATABASE_UNAVAILABLE'],
    [65000, undefined, 'HY000', 'DATABASE_UNAVAILABLE'],
    [1053, 'ER_SERVER_SHUTDOWN', '08S01', 'CONNECTION_LOST'],
    [1152, 'ER_ABORTING_CONNECTION', '08S01', 'CONNECTION_LOST'],
    [1158, 'ER_NET_READ_ERROR', '08S01', 'CONNECTION_LOST'],
    [1159, 'ER_NET_READ_INTERRUPTED', '08S01', 'CONNECTION_LOST'],
    [1160, 'ER_NET_ERROR_ON_WRITE', '08S01', 'CONNECTION_LOST'],
    [1161, 'ER_NET_WRITE_INTERRUPTED', '08S01', 'CONNECTION_LOST'],
    [1184, 'ER_NEW_ABORTING_CONNECTION', '08S01', 'CONNECTION_LOST'],
    [1927, undefined, '70100', 'CONNECTION_LOST'],
    // MySQL's error on a connection that was idle for longer than wait_timeout.
    [4031, 'ER_CLIENT_INTERACTION_TIMEOUT', 'HY000', 'CONNECTION_LOST'],
    [1048, 'ER_BAD_NULL_ERROR', '23000', 'INTERNAL'],
    [1064, 'ER_PARSE_ERROR', '42000', 'INTERNAL'],
    [1153, 'ER_NET_PACKET_TOO_LARGE', '08S01', 'INTERNAL'],
    [1264, 'ER_WARN_DATA_OUT_OF_RANGE', '22003', 'INTERNAL'],
    [1366, 'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD', 'HY000', 'INTERNAL'],
    [1406, 'ER_DATA_TOO_LONG', '22001', 'INTERNAL'],
    [1644, 'ER_SIGNAL_EXCEPTION', '45000', 'INTERNAL'],
    [3819, 'ER_CHECK_CONSTRAINT_VIOLATED', 'HY000', 'INTERNAL'],
    [4025, 'ER_INNODB_AUTOEXTEND_SIZE_OUT_OF_RANGE', '23000', 'INTERNAL'], // MariaDB: a CHECK failed
  ])('with number %d, name %s and SQLSTATE %s is %s', (errno, code, sqlState, kind) => {
    expect(mysqlErrorKind(driverError({ errno, code, sqlState }))).toBe(kind);
  });

  test.each([
    [{ code: 'ENOTFOUND', errno: -3008 }, 'DATABASE_UNAVAILABLE'],
    [{ code: 'ENETUNREACH', errno: -101 }, 'DATABASE_UNAVAILABLE'],
    [{ code: 'ECONNREFUSED' }, 'DATABASE_UNAVAILABLE'],
    [{ code: 'HANDSHAKE_SSL_ERROR', fatal: true }, 'DATABASE_UNAVAILABLE'],
    [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'DATABASE_UNAVAILABLE'],
    [{ code: 'ECONNABORTED', errno: -103 }, 'CONNECTION_LOST'],
    [{ code: 'ECONNRESET', errno: -104 }, 'CONNECTION_LOST'],
    [{ code: 'PROTOCOL_CONNECTION_LOST', fatal: true }, 'CONNECTION_LOST'],
    [{ code: 'ER_SERVER_SHUTDOWN', fatal: true }, 'CONNECTION_LOST'],
    [{ code: 'ERR_INVALID_ARG_TYPE' }, 'INTERNAL'],
  ])('with the members %j is %s', (members, kind) => {
    expect(mysqlErrorKind(driverError(members))).toBe(kind);
  });

  test.each([
    ["Can't add new command when connection is in closed state", 'CONNECTION_LOST'],
    ['Connection is closed.', 'CONNECTION_LOST'],
    ['Timed-out waiting to acquire database connection', 'DATABASE_UNAVAILABLE'],
    ['Timed out waiting to acquire a connection', 'DATABASE_UNAVAILABLE'],
  ])('that says %j and has no number is %s', (message, kind) => {
    expect(mysqlErrorKind(new Error(message))).toBe(kind);
    expect(mysqlErrorKind(Object.assign(new Error(message), { code: undefined, fatal: true }))).toBe(kind);
  });

  test.each([undefined, null, 'ER_DUP_ENTRY', { code: 'ER_DUP_ENTRY' }, new Error('x'), new TypeError('x')])(
    'is INTERNAL for example %#, which is not an error of mysql2',
    (thrown) => {
      expect(mysqlErrorKind(thrown)).toBe('INTERNAL');
    },
  );
});

describe('the kind of an error of node:sqlite', () => {
  const { errorKind } = openSqlite(':memory:');

  test.each([
    ['SQLITE_BUSY', 5, 'DATABASE_BUSY'],
    ['SQLITE_BUSY_SNAPSHOT', 517, 'DATABASE_BUSY'],
    ['SQLITE_LOCKED', 6, 'DATABASE_BUSY'],
    ['SQLITE_IOERR_WRITE', 778, 'DATABASE_UNAVAILABLE'],
    ['SQLITE_READONLY', 8, 'DATABASE_UNAVAILABLE'],
    ['SQLITE_FULL', 13, 'DATABASE_FULL'],
    ['SQLITE_NOMEM', 7, 'DATABASE_UNAVAILABLE'],
    ['SQLITE_PROTOCOL', 15, 'DATABASE_UNAVAILABLE'],
    ['SQLITE_CONSTRAINT_UNIQUE', 2067, 'DUPLICATE_KEY'],
    ['SQLITE_CONSTRAINT_NOTNULL', 1299, 'INTERNAL'],
    ['SQLITE_ERROR', 1, 'INTERNAL'],
  ])('for %s (%d) is %s', (_name, errcode, kind) => {
    expect(errorKind(driverError({ errcode }))).toBe(kind);
  });

  test.each([undefined, null, { errcode: 5 }, new Error('x')])(
    'is INTERNAL for example %#, which is not an error of node:sqlite',
    (thrown) => {
      expect(errorKind(thrown)).toBe('INTERNAL');
    },
  );
});
