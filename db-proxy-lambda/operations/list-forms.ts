import { findForms } from '../database/forms.ts';
import type { Perform } from './operation.ts';

export const listForms: Perform<'listForms'> = async ({ db }) => ({ forms: await findForms(db) });
