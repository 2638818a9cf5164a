/** The kinds of the errors of mysql2, MySQL, MariaDB and RDS Proxy. */
import type { DatabaseErrorKind } from './database.ts';

/**
 * Errors of the server: number, mysql2's name, kind. mysql2 omits the name of a number that it does not know, and the number
 * of an error that the server sends outside a statement.
 *
 * https://dev.mysql.com/doc/mysql-errors/9.7/en/server-error-reference.html, https://mariadb.com/kb/en/mariadb-error-code-reference/
 */
const SERVER_ERRORS: readonly [errno: number, name: string, kind: DatabaseErrorKind][] = [
  [1062, 'ER_DUP_ENTRY', 'DUPLICATE_KEY'],
  [1060, 'ER_DUP_FIELDNAME', 'ALREADY_EXISTS'],
  [1061, 'ER_DUP_KEYNAME', 'ALREADY_EXISTS'],

  [1020, 'ER_CHECKREAD', 'DATABASE_BUSY'],
  [1205, 'ER_LOCK_WAIT_TIMEOUT', 'DATABASE_BUSY'],
  [1206, 'ER_LOCK_TABLE_FULL', 'DATABASE_BUSY'],
  [1213, 'ER_LOCK_DEADLOCK', 'DATABASE_BUSY'],
  [1637, 'ER_TOO_MANY_CONCURRENT_TRXS', 'DATABASE_BUSY'],
  [1969, 'ER_STATEMENT_TIMEOUT', 'DATABASE_BUSY'], // MariaDB's 3024
  [3024, 'ER_QUERY_TIMEOUT', 'DATABASE_BUSY'],

  [1021, 'ER_DISK_FULL', 'DATABASE_FULL'],
  [1114, 'ER_RECORD_FILE_FULL', 'DATABASE_FULL'],

  [1053, 'ER_SERVER_SHUTDOWN', 'CONNECTION_LOST'],
  [1077, 'ER_NORMAL_SHUTDOWN', 'CONNECTION_LOST'],
  [1152, 'ER_ABORTING_CONNECTION', 'CONNECTION_LOST'],
  [1158, 'ER_NET_READ_ERROR', 'CONNECTION_LOST'],
  [1159, 'ER_NET_READ_INTERRUPTED', 'CONNECTION_LOST'],
  [1160, 'ER_NET_ERROR_ON_WRITE', 'CONNECTION_LOST'],
  [1161, 'ER_NET_WRITE_INTERRUPTED', 'CONNECTION_LOST'],
  [1184, 'ER_NEW_ABORTING_CONNECTION', 'CONNECTION_LOST'],
  [1927, 'ER_CONNECTION_KILLED', 'CONNECTION_LOST'],
  [4031, 'ER_CLIENT_INTERACTION_TIMEOUT', 'CONNECTION_LOST'],

  // Wrong settings, users or schema of the server, as after a restore. These errors have the SQLSTATE of faulty statements.
  [1044, 'ER_DBACCESS_DENIED_ERROR', 'DATABASE_UNAVAILABLE'],
  [1049, 'ER_BAD_DB_ERROR', 'DATABASE_UNAVAILABLE'],
  [1054, 'ER_BAD_FIELD_ERROR', 'DATABASE_UNAVAILABLE'],
  [1142, 'ER_TABLEACCESS_DENIED_ERROR', 'DATABASE_UNAVAILABLE'],
  [1143, 'ER_COLUMNACCESS_DENIED_ERROR', 'DATABASE_UNAVAILABLE'],
  [1146, 'ER_NO_SUCH_TABLE', 'DATABASE_UNAVAILABLE'],
  [1203, 'ER_TOO_MANY_USER_CONNECTIONS', 'DATABASE_UNAVAILABLE'],
  [1226, 'ER_USER_LIMIT_REACHED', 'DATABASE_UNAVAILABLE'],
  [1227, 'ER_SPECIFIC_ACCESS_DENIED_ERROR', 'DATABASE_UNAVAILABLE'],

  // Wrong statements or values, although their SQLSTATE does not say so.
  [1038, 'ER_OUT_OF_SORTMEMORY', 'INTERNAL'],
  [1093, 'ER_UPDATE_TABLE_USED', 'INTERNAL'],
  [1153, 'ER_NET_PACKET_TOO_LARGE', 'INTERNAL'],
  [1193, 'ER_UNKNOWN_SYSTEM_VARIABLE', 'INTERNAL'],
  [1265, 'WARN_DATA_TRUNCATED', 'INTERNAL'],
  [1267, 'ER_CANT_AGGREGATE_2COLLATIONS', 'INTERNAL'],
  [1300, 'ER_INVALID_CHARACTER_STRING', 'INTERNAL'],
  [1364, 'ER_NO_DEFAULT_FOR_FIELD', 'INTERNAL'],
  [1366, 'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD', 'INTERNAL'],
  [1390, 'ER_PS_MANY_PARAM', 'INTERNAL'],
  [3819, 'ER_CHECK_CONSTRAINT_VIOLATED', 'INTERNAL'],
];

/** SQLSTATE classes of wrong statements and values: cardinality, data, constraint, syntax or access rule, trigger. */
const FAULTY_STATEMENT = /^(?:21|22|23|42|45)/;

/** Errors of mysql2 and of sockets on an open connection; the next connection may work. */
const CLIENT_ERRORS: readonly [code: string, kind: DatabaseErrorKind][] = [
  ['PROTOCOL_CONNECTION_LOST', 'CONNECTION_LOST'],
  ['PROTOCOL_ERROR', 'CONNECTION_LOST'],
  ['PROTOCOL_UNEXPECTED_PACKET', 'CONNECTION_LOST'],
  ['ECONNABORTED', 'CONNECTION_LOST'],
  ['ECONNRESET', 'CONNECTION_LOST'],
  ['EPIPE', 'CONNECTION_LOST'],
];

const KIND_BY_ERRNO = new Map(SERVER_ERRORS.map(([errno, , kind]) => [errno, kind]));
const KIND_BY_CODE = new Map([...SERVER_ERRORS.map(([, name, kind]) => [name, kind] as const), ...CLIENT_ERRORS]);

/** mysql2 gives errors with these messages no code. */
const CLOSED_CONNECTION = /closed state|connection is closed/i;

/** RDS Proxy's error 9501, which arrives without its number outside a statement. */
const NO_CONNECTION_IN_TIME = /timed[- ]out waiting to acquire (?:a |database )?connection/i;

/**
 * Classifies an error thrown by mysql2. Unknown errors of the driver or the server are transient, so that acknowledged
 * responses are retried. `INTERNAL` errors are permanent: a faulty statement, a value that does not fit its column, and any
 * error that is not the driver's.
 */
export function mysqlErrorKind(error: unknown): DatabaseErrorKind {
  if (!Error.isError(error)) return 'INTERNAL';
  const { errno, code, sqlState } = membersOf(error);
  if (NO_CONNECTION_IN_TIME.test(error.message)) return 'DATABASE_UNAVAILABLE';
  const known = KIND_BY_ERRNO.get(errno ?? Number.NaN) ?? KIND_BY_CODE.get(code);
  if (known !== undefined) return known;
  if (FAULTY_STATEMENT.test(sqlState)) return 'INTERNAL';
  if (CLOSED_CONNECTION.test(error.message)) return 'CONNECTION_LOST';
  return errno !== undefined || isDriverCode(code) ? 'DATABASE_UNAVAILABLE' : 'INTERNAL';
}

/** Codes of Node.js itself (`ERR_INVALID_ARG_TYPE`) mean a bug in the proxy, except codes about a connection. */
function isDriverCode(code: string): boolean {
  return code !== '' && !/^ERR_(?!SSL_|TLS_|STREAM_|SOCKET_)/.test(code);
}

function membersOf(error: Error): { errno: number | undefined; code: string; sqlState: string } {
  return {
    errno: 'errno' in error && typeof error.errno === 'number' ? error.errno : undefined,
    code: 'code' in error && typeof error.code === 'string' ? error.code : '',
    sqlState: 'sqlState' in error && typeof error.sqlState === 'string' ? error.sqlState : '',
  };
}
