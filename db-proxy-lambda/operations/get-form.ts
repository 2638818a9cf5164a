import { findForm } from '../database/forms.ts';
import type { Perform } from './operation.ts';

export const getForm: Perform<'getForm'> = async ({ db }, { form_id: formId, version }) => ({
  form: (await findForm(db, formId, version)) ?? null,
});
