import type { StoredForm } from '../contract.ts';

/** Every version of every form. */
export interface FormsTable extends Omit<StoredForm, 'definition'> {
  definition: string;
}

export interface FormTables {
  forms: FormsTable;
}
