/** Every version of every form. */
export interface FormsTable {
  form_id: string;
  version: number;
  definition: string;
  created_at: string;
}

export interface FormTables {
  forms: FormsTable;
}
