import { findTask } from '../database/tasks.ts';
import type { Perform } from './operation.ts';

export const getTask: Perform<'getTask'> = async ({ db }, { id }) => ({ task: (await findTask(db, id)) ?? null });
