/** Reads the packets of MySQL clients, so that a relay can refuse statements instead of the server. */
import { HEADER_BYTES, errorPayload, packet, type ServerError } from '../support/mysql-packets.ts';

const QUERY = 3;
const QUIT = 1;
/** MySQL, unlike MariaDB, puts a statement's attributes before its text. */
const NO_ATTRIBUTES = '\0\x01';

/** RDS Proxy's error while all of its connections are in use. mysql2 gives it no `code`. */
export const BORROW_TIMEOUT: ServerError = {
  errno: 9501,
  message: 'Timed-out waiting to acquire database connection',
};

/**
 * Forwards a client's packets. While `errorNow` returns an error, it replies to statements with this error. It still
 * forwards statements inside a transaction, because the transaction already has its connection.
 *
 * @param reply writes to the client
 */
export async function* refuseStatements(
  asked: AsyncIterable<Buffer>,
  errorNow: () => ServerError | undefined,
  reply: (bytes: Buffer) => void,
): AsyncGenerator<Buffer> {
  // The missing bytes of the current packet, and whether it is refused.
  let missing = 0;
  let isRefused = false;
  let inTransaction = false;
  let error: ServerError | undefined;
  for await (const chunk of asked) {
    let rest = chunk;
    while (rest.length > 0) {
      if (missing === 0) {
        missing = HEADER_BYTES + rest.readUIntLE(0, 3);
        const statement = statementIn(rest);
        error = errorNow();
        isRefused = statement !== undefined && !inTransaction && error !== undefined;
        if (!isRefused && statement !== undefined) {
          inTransaction =
            /^(begin|start transaction)/i.test(statement) || (inTransaction && !/^(commit|rollback)/i.test(statement));
        }
      }
      const part = rest.subarray(0, missing);
      rest = rest.subarray(part.length);
      missing -= part.length;
      if (!isRefused) yield part;
      else if (missing === 0 && error !== undefined) reply(packet(1, errorPayload(error)));
    }
  }
}

/** The beginning of a packet's statement; undefined if the packet belongs to the handshake or ends the connection. */
function statementIn(sent: Buffer): string | undefined {
  const [sequence, command] = [sent[3], sent[HEADER_BYTES]];
  if (sequence !== 0 || command === undefined || command === QUIT) return undefined;
  if (command !== QUERY) return '';
  const text = sent.subarray(HEADER_BYTES + 1, HEADER_BYTES + 40).toString('latin1');
  return text.startsWith(NO_ATTRIBUTES) ? text.slice(NO_ATTRIBUTES.length) : text;
}
