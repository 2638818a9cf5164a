/**
 * The snapshot: a copy in S3 of the data that the intake needs, namely each version of a form, and the tokens by their
 * hashes. Each change is written to it (snapshot-changes.ts), the sweep repairs it, and it is read while the proxy
 * cannot be reached.
 */
import type * as z from 'zod';
import { contract, type StoredForm } from '../../db-proxy-lambda/contract.ts';
import { ObjectStoreError, type ObjectStore } from './object-store.ts';

export const FORMS = 'forms/';
export const TOKENS = 'tokens/';

/** Time limit for a read: a caller waits for it. */
const READ_MS = 800;

const LAST_VERSION = 9_999_999_999;
const FORM_KEY = /^forms\/([a-z][a-z0-9_]*)\/(\d{10})\.json$/;

const storedForm = contract.getForm.result.shape.form.unwrap();
const snapshotToken = contract.listTokenHashes.result.shape.items.element.omit({ sha256: true });

/** A token, which may be expired or revoked. */
export type SnapshotToken = z.infer<typeof snapshotToken>;

/** An object of the snapshot. The same form or token always gives the same bytes, which the sweep compares. */
export interface SnapshotObject {
  key: string;
  json: string;
}

/** One object per version, so that no writer overwrites another's object. The newest version comes first in a listing. */
export function formKey({ form_id: formId, version }: Pick<StoredForm, 'form_id' | 'version'>): string {
  return `${FORMS}${formId}/${String(LAST_VERSION - version).padStart(10, '0')}.json`;
}

/** @returns undefined for a key that is not a form's */
export function readFormKey(key: string): { formId: string; version: number } | undefined {
  const [, formId, number] = FORM_KEY.exec(key) ?? [];
  return formId === undefined ? undefined : { formId, version: LAST_VERSION - Number(number) };
}

export const tokenKey = (sha256: string): string => `${TOKENS}${sha256}.json`;

export function formObject({ form_id, version, definition, created_at }: StoredForm): SnapshotObject {
  const json = JSON.stringify({ form_id, version, definition, created_at });
  return { key: formKey({ form_id, version }), json };
}

export function tokenObject({
  sha256,
  token_id,
  role,
  user_id,
  expires_at,
  revoked_at,
}: SnapshotToken & { sha256: string }): SnapshotObject {
  return { key: tokenKey(sha256), json: JSON.stringify({ token_id, role, user_id, expires_at, revoked_at }) };
}

export type Snapshot = ReturnType<typeof createSnapshot>;

/** Reads the snapshot. Both functions throw when it cannot be read. */
export function createSnapshot(store: Pick<ObjectStore, 'get' | 'list'>) {
  return {
    /**
     * A version of a form.
     *
     * @param formId a well-formed id of a form
     * @param version by default the newest
     */
    findForm: async (formId: string, version?: number): Promise<StoredForm | undefined> => {
      const signal = AbortSignal.timeout(READ_MS);
      const key =
        version === undefined
          ? (await store.list(`${FORMS}${formId}/`, { limit: 1, signal }))[0]?.key
          : formKey({ form_id: formId, version });
      const text = key && (await read(store, key, signal));
      return text === undefined ? undefined : storedForm.parse(JSON.parse(text));
    },
    /** @param sha256 64 hexadecimal digits */
    findToken: async (sha256: string): Promise<SnapshotToken | undefined> => {
      const text = await read(store, tokenKey(sha256), AbortSignal.timeout(READ_MS));
      return text === undefined ? undefined : snapshotToken.parse(JSON.parse(text));
    },
  };
}

/**
 * S3 replies 403 for a missing object, because the roles that read the snapshot cannot list tokens, and can list forms
 * only by a prefix.
 */
async function read(store: Pick<ObjectStore, 'get'>, key: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await store.get(key, signal);
  } catch (error) {
    if (error instanceof ObjectStoreError && error.status === 403) return undefined;
    throw error;
  }
}
