import { listTasks as readWindow } from '../database/tasks.ts';
import type { Perform } from './operation.ts';

export const listTasks: Perform<'listTasks'> = ({ db }, input) => readWindow(db, input);
