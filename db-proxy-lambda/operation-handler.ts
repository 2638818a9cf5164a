import type { Input, Operation, Result } from './contract.ts';
import type { Database } from './database/database.ts';

/** Carries out one operation. The input has passed the contract's schema. */
export type OperationHandler<O extends Operation> = (database: Database, input: Input<O>) => Promise<Result<O>>;

/** A handler for each operation of a feature's contract. */
export type OperationHandlers<Feature> = { [O in keyof Feature & Operation]: OperationHandler<O> };
