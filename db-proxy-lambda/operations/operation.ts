import type { Input, Operation, Result } from '../contract.ts';
import type { Database } from '../database/database.ts';

/** How one operation is carried out. The input has passed the contract's schema. */
export type Perform<O extends Operation> = (database: Database, input: Input<O>) => Promise<Result<O>>;
