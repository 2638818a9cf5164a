import type * as z from 'zod';
import { contract, type Operation } from '../contract.ts';
import type { Database } from '../database/database.ts';
import { getForm } from './get-form.ts';
import { getResponse } from './get-response.ts';
import { listForms } from './list-forms.ts';
import { listResponses } from './list-responses.ts';
import { listRevisions } from './list-revisions.ts';
import { ping } from './ping.ts';
import { putForm } from './put-form.ts';
import { saveResponses } from './save-responses.ts';

/** An operation whose input has been read: ready to be carried out, or the fields that do not fit the contract. */
export type Prepared = { ok: true; run: (database: Database) => Promise<unknown> } | { ok: false; fields: string[] };

/** Every operation of the contract; the type makes sure that none is missing. */
export const operations: Record<Operation, (input: unknown) => Prepared> = {
  ping: prepare(contract.ping.input, ping),
  saveResponses: prepare(contract.saveResponses.input, saveResponses),
  listResponses: prepare(contract.listResponses.input, listResponses),
  getResponse: prepare(contract.getResponse.input, getResponse),
  listRevisions: prepare(contract.listRevisions.input, listRevisions),
  listForms: prepare(contract.listForms.input, listForms),
  getForm: prepare(contract.getForm.input, getForm),
  putForm: prepare(contract.putForm.input, putForm),
};

function prepare<I>(schema: z.ZodType<I>, perform: (database: Database, input: I) => Promise<unknown>) {
  return (input: unknown): Prepared => {
    const read = schema.safeParse(input);
    return read.success
      ? { ok: true, run: (database) => perform(database, read.data) }
      : { ok: false, fields: read.error.issues.map((issue) => issue.path.join('.') || 'input') };
  };
}
