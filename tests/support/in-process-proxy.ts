/** The real db-proxy with a real database, in the test's process. In AWS, Lambdas call the db-proxy through Invoke. */
import { sql } from 'kysely';
import { DbProxyError, type DbProxy } from '../../collect-lambdas/shared/db-proxy-client.ts';
import { contract, type Input, type Operation, type Reply, type Result } from '../../db-proxy-lambda/contract.ts';
import type { Database } from '../../db-proxy-lambda/database/database.ts';
import { openDatabase } from '../../db-proxy-lambda/database/open-database.ts';
import { createHandler } from '../../db-proxy-lambda/handler.ts';
import type { TestDatabase, TestDatabaseKind } from './databases.ts';
import { RecordingLogger } from './recording-logger.ts';
import { createMigratedDatabase } from './schema-template.ts';

/** Lambda's limit of requests and replies: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const LAMBDA_PAYLOAD_BYTES = 6 * 1024 * 1024;

export class InProcessProxy implements DbProxy {
  /** Every call, in order. */
  readonly calls: { operation: Operation; input: unknown }[] = [];
  /** The proxy's logger. */
  readonly logger = new RecordingLogger();
  /** While this is set, every call fails with this code. */
  failWith: DbProxyError['code'] | undefined;
  /** Calls for which this returns true are refused as invalid. */
  refusing: (operation: Operation, input: unknown) => boolean = () => false;
  readonly database: Database;
  readonly #testDatabase: TestDatabase;
  readonly #handler: ReturnType<typeof createHandler>;

  private constructor(testDatabase: TestDatabase) {
    this.#testDatabase = testDatabase;
    this.database = openDatabase(testDatabase.url);
    this.#handler = createHandler({
      connection: () => this.database,
      database: () => Promise.resolve(this.database),
      logger: this.logger,
    });
  }

  /** Starts with a new database, which has the schema and the first forms. */
  static async start(kind: TestDatabaseKind): Promise<InProcessProxy> {
    const proxy = new InProcessProxy(await createMigratedDatabase(kind));
    // These tests crash no process, so a commit need not wait for the disk.
    if (kind === 'sqlite') await sql`pragma synchronous = off`.execute(proxy.database.db);
    return proxy;
  }

  /** Every line that the proxy logged. */
  get logged(): string[] {
    return this.logger.lines;
  }

  /** In the format of DATABASE_URL. */
  get url(): string {
    return this.#testDatabase.url;
  }

  async stop(): Promise<void> {
    await this.database.close();
    await this.#testDatabase.drop();
  }

  async call<O extends Operation>(operation: O, input: Input<O>): Promise<Result<O>> {
    this.calls.push({ operation, input });
    if (this.failWith !== undefined) throw new DbProxyError(this.failWith);
    if (this.refusing(operation, input)) throw new DbProxyError('INVALID_REQUEST');
    const reply = (await this.invoke({ operation, input })) as Reply<O>;
    if (!reply.ok) throw new DbProxyError(reply.error.code);
    // Fails if the reply's members differ from the contract.
    expect(contract[operation].result.parse(reply.result)).toEqual(reply.result);
    return reply.result;
  }

  /** Sends any request as JSON, within Lambda's limit. */
  async invoke(request: unknown): Promise<unknown> {
    return travel(await this.#handler(travel(request)));
  }
}

function travel(payload: unknown): unknown {
  const text = JSON.stringify(payload);
  if (Buffer.byteLength(text) > LAMBDA_PAYLOAD_BYTES) throw new DbProxyError('PROXY_UNREACHABLE');
  return JSON.parse(text);
}
