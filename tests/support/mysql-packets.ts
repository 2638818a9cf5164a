/** Packets of MySQL's protocol (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basics.html). */

export const HEADER_BYTES = 4;

/** A payload with its header: the length in three bytes, and the sequence number. */
export function packet(sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUIntLE(payload.length, 0, 3);
  header.writeUInt8(sequence, 3);
  return Buffer.concat([header, payload]);
}

/** An error that a MySQL server, or a proxy in front of it, sends. */
export interface ServerError {
  errno: number;
  message: string;
}

/** The payload of an ERR_Packet, with the general SQLSTATE. */
export function errorPayload({ errno, message }: ServerError): Buffer {
  return Buffer.concat([Buffer.from([0xff, errno & 0xff, errno >>> 8]), Buffer.from(`#HY000${message}`)]);
}
