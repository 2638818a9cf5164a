import { listLateRevisions as readLate } from '../database/late-revisions.ts';
import type { Perform } from './operation.ts';

export const listLateRevisions: Perform<'listLateRevisions'> = ({ db }, input) => readLate(db, input);
