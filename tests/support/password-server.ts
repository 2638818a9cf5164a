/**
 * A fake of a MySQL server's sign-in, by default that of RDS Proxy with IAM authentication: it requires TLS and then the
 * password in clear text, and replies to every command with OK. It records what the clients send.
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

/** The authority that signed the server's certificates, which are valid for a century. Only tests trust it. */
export const certificateAuthority = read('certificate-authority.pem');

const SSL = 0x800;
/** PROTOCOL_41, SECURE_CONNECTION, CONNECT_WITH_DB, PLUGIN_AUTH. */
const CAPABILITIES = 0x200 | 0x8000 | 0x8 | 0x80000;
const OK = Buffer.from([0, 0, 0, 2, 0, 0, 0]);

export interface PasswordServer {
  port: number;
  passwords: string[];
  /** The numbers of sign-ins with TLS and without. */
  encrypted: number;
  plain: number;
  /** The statements that arrived after the sign-in. */
  statements: string[];
  stop: () => Promise<void>;
}

interface Behaviour {
  /** False for a server that accepts unencrypted passwords. */
  offersTls?: boolean;
  /** The host name in its certificate: `localhost` or `other.example`. */
  name?: string;
  /** False for a server that accepts every user without a password. */
  asksPassword?: boolean;
  /** The reply to every command, instead of OK. */
  error?: ServerError;
}

/** Starts a server on `localhost`. */
export async function startPasswordServer({
  offersTls = true,
  name = 'localhost',
  asksPassword = true,
  error,
}: Behaviour = {}): Promise<PasswordServer> {
  const reply = error === undefined ? OK : errorPayload(error);
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
      // The bytes after the request for TLS are the start of the TLS handshake.
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

  /** @param signIn the sequence number of the client's sign-in packet */
  function serve(socket: Socket, signIn: number): void {
    onPackets(socket, (sequence, payload) => {
      if (sequence === signIn) {
        socket.write(packet(sequence + 1, asksPassword ? askForPassword() : OK));
      } else if (sequence === signIn + 2) {
        running.passwords.push(payload.subarray(0, -1).toString());
        socket.write(packet(sequence + 1, OK));
      } else {
        running.statements.push(payload.subarray(1).toString());
        socket.write(packet(sequence + 1, reply));
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
