/** Records the statements of an operation of the proxy, as the query builder compiles them. */
import type { CompiledQuery, KyselyPlugin, RootOperationNode } from 'kysely';
import type { Operation } from '../../db-proxy-lambda/contract.ts';
import type { Database } from '../../db-proxy-lambda/database/database.ts';
import { prepareOperation } from '../../db-proxy-lambda/operations.ts';

export interface RecordedStatement {
  node: RootOperationNode;
  statement: CompiledQuery;
}

/**
 * Executes an operation. Statements without the builder are not recorded: the insert of many responses, which reads
 * nothing, and the second read of the same keys for the watermark.
 */
export async function recordStatements(
  database: Database,
  operation: Operation,
  input: unknown,
): Promise<RecordedStatement[]> {
  const nodes: RootOperationNode[] = [];
  const recorder: KyselyPlugin = {
    transformQuery: ({ node }) => {
      nodes.push(node);
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  };
  const { db } = database;
  const prepared = prepareOperation(operation, input);
  if (!prepared.ok) throw new Error(`Not an input of ${operation}: ${prepared.fields.join(', ')}`);
  await prepared.run({ ...database, db: db.withPlugin(recorder) });
  return nodes.map((node) => ({ node, statement: db.getExecutor().compileQuery(node, { queryId: 'explain' }) }));
}
