import { listEntries } from '../database/directory.ts';
import type { Perform } from './operation.ts';

export const listDirectory: Perform<'listDirectory'> = ({ db }, input) => listEntries(db, input);
