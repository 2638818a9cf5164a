/** Reads the result of a run directly from the database and the queues, without the tested code. */
import { DeleteMessageBatchCommand, GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { filesStore } from '../../local/stack.ts';
import type { PublishedEvent, StoredState } from './check.ts';
import { contentOf } from './ledger.ts';
import type { System } from './system.ts';

const TABLES = ['responses', 'response_revisions', 'late_revisions'] as const;
const MESSAGES_PER_CALL = 10;

interface StateRow extends RowDataPacket {
  response_id: string;
  revision: number | null;
  response: string;
}

interface CountRow extends RowDataPacket {
  count: number;
}

async function withDatabase<T>({ databaseUrl }: System, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await createConnection({ uri: databaseUrl, jsonStrings: true });
  try {
    return await work(connection);
  } finally {
    await connection.end();
  }
}

/** Every state of every response. */
export function readStored(system: System): Promise<StoredState[]> {
  return withDatabase(system, async (connection) => {
    const states: StoredState[] = [];
    for (const table of TABLES) {
      const revision = table === 'late_revisions' ? 'null' : 'revision';
      const [rows] = await connection.query<StateRow[]>(
        `select response_id, ${revision} as revision, response from ${table}`,
      );
      for (const row of rows) {
        const content = contentOf(JSON.parse(row.response));
        states.push({ table, responseId: row.response_id, revision: row.revision, content });
      }
    }
    return states;
  });
}

/** The number of events that are not published yet. */
export function countOutbox(system: System): Promise<number> {
  return withDatabase(system, async (connection) => {
    const [rows] = await connection.query<CountRow[]>('select count(*) as count from response_events');
    return rows[0]?.count ?? 0;
  });
}

/** The number of messages in a queue, including those in flight. */
export async function countMessages({ sqs, queueUrl }: System, name: string): Promise<number> {
  const { Attributes: attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl(name), AttributeNames: ['All'] }),
  );
  return (
    Number(attributes['ApproximateNumberOfMessages']) + Number(attributes['ApproximateNumberOfMessagesNotVisible'])
  );
}

/** Every event that the topic sent to the listener's queue. */
export async function readPublished({ sqs, listener }: System): Promise<PublishedEvent[]> {
  const events: PublishedEvent[] = [];
  for (;;) {
    const { Messages: messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: listener, MaxNumberOfMessages: MESSAGES_PER_CALL }),
    );
    if (messages.length === 0) return events;
    for (const { Body: body = '' } of messages) {
      const event: { response_id: string; revision: number } = JSON.parse(body);
      events.push({ responseId: event.response_id, revision: event.revision });
    }
    const entries = messages.map(({ ReceiptHandle: handle }, index) => ({ Id: String(index), ReceiptHandle: handle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: listener, Entries: entries }));
  }
}

/** The number of submissions that wait for their original, or to be processed again. */
export async function countPending({ stack }: System): Promise<number> {
  const store = filesStore(stack.host);
  const listed = await Promise.all(['waiting/', 'pending/'].map((prefix) => store.list(prefix)));
  return listed.flat().length;
}
