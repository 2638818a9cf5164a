/** A fake of X-Ray's daemon, which receives the functions' segments, one in each datagram. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export interface Segment {
  id: string;
  trace_id: string;
  parent_id?: string;
  name: string;
  namespace?: string;
  fault?: boolean;
  annotations?: Record<string, unknown>;
  aws?: Record<string, unknown>;
  http?: unknown;
}

export interface TraceDaemon {
  /** The datagrams, unchanged. */
  texts: string[];
  segments: () => Segment[];
  /** Variables that make functions trace and send their segments here. */
  environment: Record<string, string>;
  stop: () => Promise<void>;
}

export async function startTraceDaemon(): Promise<TraceDaemon> {
  const texts: string[] = [];
  const socket = createSocket('udp4', (message) => texts.push(message.toString()));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    texts,
    // The first line of a datagram is a header, the second the segment.
    segments: () => texts.map((text): Segment => JSON.parse(text.slice(text.indexOf('\n') + 1))),
    environment: {
      POWERTOOLS_TRACE_ENABLED: 'true',
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${socket.address().port}`,
    },
    stop: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}
