/** What a MySQL client sends, as far as a relay must understand it to answer in the server's place. */

const HEADER_BYTES = 4;
const QUERY = 3;
const QUIT = 1;
/** Before the text of a statement, where the server is MySQL and takes attributes with it. */
const NO_ATTRIBUTES = '\0\x01';

/** An error as a MySQL server, or a proxy in front of it, answers it. */
export interface ServerError {
  errno: number;
  sqlState: string;
  message: string;
}

/** What RDS Proxy answers while all of its connections are taken: mysql2 gives this error no `code`. */
export const BORROW_TIMEOUT: ServerError = {
  errno: 9501,
  sqlState: 'HY000',
  message: 'Timed-out waiting to acquire database connection',
};

/**
 * Passes a client's packets on, and answers statements with an error while `errorNow` gives one. A statement inside of a
 * transaction is passed on all the same: it has its connection already.
 *
 * @param answer writes to the client
 */
export async function* refuseStatements(
  asked: AsyncIterable<Buffer>,
  errorNow: () => ServerError | undefined,
  answer: (reply: Buffer) => void,
): AsyncGenerator<Buffer> {
  // Bytes of the current packet that are still to come, and whether the server gets them.
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
      else if (missing === 0 && error !== undefined) answer(errorPacket(error));
    }
  }
}

/** The beginning of the statement that a packet carries; undefined for a packet of the handshake or the goodbye. */
function statementIn(packet: Buffer): string | undefined {
  const [sequence, command] = [packet[3], packet[HEADER_BYTES]];
  if (sequence !== 0 || command === undefined || command === QUIT) return undefined;
  if (command !== QUERY) return '';
  const text = packet.subarray(HEADER_BYTES + 1, HEADER_BYTES + 40).toString('latin1');
  return text.startsWith(NO_ATTRIBUTES) ? text.slice(NO_ATTRIBUTES.length) : text;
}

/** https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_err_packet.html */
function errorPacket({ errno, sqlState, message }: ServerError): Buffer {
  const payload = Buffer.concat([
    Buffer.from([0xff, errno & 0xff, errno >>> 8]),
    Buffer.from(`#${sqlState}${message}`),
  ]);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUIntLE(payload.length, 0, 3);
  header.writeUInt8(1, 3);
  return Buffer.concat([header, payload]);
}
