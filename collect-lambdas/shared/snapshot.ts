/**
 * What the intake must know, kept outside of the database too: each version of a form, and the hashes of tokens with whose
 * they are. Written when one changes (snapshot-changes.ts), repaired by the sweep, read while the proxy cannot be asked.
 */
import * as z from 'zod';
import { contract, ROLES, type HashedToken, type StoredForm } from '../../db-proxy-lambda/contract.ts';
import type { ObjectStore } from './object-store.ts';

export const FORMS = 'forms/';
export const TOKENS = 'tokens/';

/** What a look into the snapshot may take in all: somebody waits for it. */
const READ_MS = 800;

const LAST_VERSION = 9_999_999_999;
const FORM_KEY = /^forms\/([a-z][a-z0-9_]*)\/(\d{10})\.json$/;

const storedForm = contract.getForm.result.shape.form.unwrap();
const snapshotToken = z.object({
  token_id: z.string(),
  role: z.enum(ROLES),
  user_id: z.string().nullable(),
  expires_at: z.string(),
  revoked_at: z.string().nullable(),
});

/** A token that was made, good or not. */
export type SnapshotToken = z.infer<typeof snapshotToken>;

/** One object a version, so that no writer can undo another's; the newest is the first of its form's. */
export function formKey({ form_id: formId, version }: Pick<StoredForm, 'form_id' | 'version'>): string {
  return `${FORMS}${formId}/${String(LAST_VERSION - version).padStart(10, '0')}.json`;
}

/** Undefined for what is no form's key. */
export function readFormKey(key: string): { formId: string; version: number } | undefined {
  const [, formId, number] = FORM_KEY.exec(key) ?? [];
  return formId === undefined ? undefined : { formId, version: LAST_VERSION - Number(number) };
}

export const tokenKey = (sha256: string): string => `${TOKENS}${sha256}.json`;

/** The same bytes whoever writes them: the sweep compares them. */
export function formObject({ form_id, version, definition, created_at }: StoredForm): string {
  return JSON.stringify({ form_id, version, definition, created_at });
}

export function tokenObject({ token_id, role, user_id, expires_at, revoked_at }: Omit<HashedToken, 'sha256'>): string {
  return JSON.stringify({ token_id, role, user_id, expires_at, revoked_at });
}

/** Reads the snapshot. Both throw when it cannot be read. */
export interface Snapshot {
  /** The newest version. `formId` is the id of a form by its shape. */
  findForm: (formId: string) => Promise<StoredForm | undefined>;
  /** `sha256` is 64 hexadecimal digits. */
  findToken: (sha256: string) => Promise<SnapshotToken | undefined>;
}

export function createSnapshot(store: Pick<ObjectStore, 'get' | 'list'>): Snapshot {
  return {
    async findForm(formId) {
      const signal = AbortSignal.timeout(READ_MS);
      const [newest] = await store.list(`${FORMS}${formId}/`, { limit: 1, signal });
      const text = newest && (await store.get(newest.key, signal));
      return text === undefined ? undefined : storedForm.parse(JSON.parse(text));
    },
    async findToken(sha256) {
      const text = await store.get(tokenKey(sha256), AbortSignal.timeout(READ_MS));
      return text === undefined ? undefined : snapshotToken.parse(JSON.parse(text));
    },
  };
}
