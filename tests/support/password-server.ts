/**
 * A MySQL server as far as its sign-in goes, that of RDS Proxy with IAM authentication unless told otherwise: it asks for
 * TLS, then for the password in the clear, and answers every command with OK. It keeps what it was sent.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import path from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';
import { errorPayload, packet, type ServerError } from './mysql-packets.ts';
import { portOf } from './port-of.ts';

const FOLDER = path.join(__dirname, 'tls');
const read = (name: string): string => readFileSync(path.join(FOLDER, name), 'utf8');

/** Signed the server's certificates, which are good for a century. Nobody else trusts it. */
export const certificateAuthority = read('certificate-authority.pem');

const SSL = 0x800;
/** PROTOCOL_41, SECURE_CONNECTION, CONNECT_WITH_DB, PLUGIN_AUTH. */
const CAPABILITIES = 0x200 | 0x8000 | 0x8 | 0x80000;
const OK = Buffer.from([0, 0, 0, 2, 0, 0, 0]);

export interface PasswordServer {
  port: number;
  passwords: string[];
  /** Sign-ins that came over TLS, and those that came without. */
  encrypted: number;
  plain: number;
  /** What came after the sign-in. */
  statements: string[];
  stop: () => Promise<void>;
}

interface Behaviour {
  /** False for a server that would take the password unencrypted. */
  offersTls?: boolean;
  /** The host that its certificate is for: `localhost` or `other.example`. */
  name?: string;
  /** False for a server that takes whoever comes. */
  asksPassword?: boolean;
  /** What it answers every command with, in place of OK. */
  error?: ServerError;
}

/** Starts one on `localhost`. */
export async function startPasswordServer({
  offersTls = true,
  name = 'localhost',
  asksPassword = true,
  error,
}: Behaviour = {}): Promise<PasswordServer> {
  const answer = error === undefined ? OK : errorPayload(error);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.write(packet(0, greeting(offersTls ? CAPABILITIES | SSL : CAPABILITIES)));
    socket.once('data', (chunk) => {
      const isAskedForTls = (chunk.readUInt32LE(4) & SSL) !== 0;
      if (!isAskedForTls) {
        socket.pause();
        socket.unshift(chunk);
        running.plain += 1;
        serve(socket, 1);
        return;
      }
      // What follows the request for TLS is the client's first word of it.
      socket.pause();
      socket.unshift(chunk.subarray(4 + chunk.readUIntLE(0, 3)));
      const secure = new TLSSocket(socket, {
        isServer: true,
        secureContext: createSecureContext({ key: read('server-key.pem'), cert: read(`${name}.pem`) }),
      });
      secure.on('error', () => socket.destroy());
      secure.once('data', () => {
        running.encrypted += 1;
      });
      serve(secure, 2);
    });
  }).listen(0, 'localhost');

  /** @param signIn the sequence number of the packet in which the client says who it is */
  function serve(socket: Socket, signIn: number): void {
    onPackets(socket, (sequence, payload) => {
      if (sequence === signIn) {
        socket.write(packet(sequence + 1, asksPassword ? askForPassword() : OK));
      } else if (sequence === signIn + 2) {
        running.passwords.push(payload.subarray(0, -1).toString());
        socket.write(packet(sequence + 1, OK));
      } else {
        running.statements.push(payload.subarray(1).toString());
        socket.write(packet(sequence + 1, answer));
      }
    });
    socket.resume();
  }

  await once(server, 'listening');
  const running: PasswordServer = {
    port: portOf(server),
    passwords: [],
    encrypted: 0,
    plain: 0,
    statements: [],
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return running;
}

function onPackets(socket: Socket, handle: (sequence: number, payload: Buffer) => void): void {
  let received = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 4 && received.length >= 4 + received.readUIntLE(0, 3)) {
      const end = 4 + received.readUIntLE(0, 3);
      handle(received.readUInt8(3), received.subarray(4, end));
      received = received.subarray(end);
    }
  });
}

/** Handshake V10. */
function greeting(capabilities: number): Buffer {
  const low = Buffer.alloc(2);
  low.writeUInt16LE(capabilities & 0xffff);
  const high = Buffer.alloc(2);
  high.writeUInt16LE(capabilities >>> 16);
  const scramble = Buffer.alloc(8, 'a');
  return Buffer.concat([
    Buffer.from([10]),
    Buffer.from('8.4.0\0'),
    Buffer.from([1, 0, 0, 0]),
    scramble,
    Buffer.from([0]),
    low,
    Buffer.from([45, 2, 0]),
    high,
    Buffer.from([21]),
    Buffer.alloc(10),
    Buffer.alloc(12, 'b'),
    Buffer.from([0]),
    Buffer.from('mysql_native_password\0'),
  ]);
}

/** AuthSwitchRequest. */
function askForPassword(): Buffer {
  return Buffer.concat([Buffer.from([0xfe]), Buffer.from('mysql_clear_password\0'), Buffer.from([0])]);
}
