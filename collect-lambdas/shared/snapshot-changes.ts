/** Changes of the database that the snapshot must hold too. */
import type { HashedToken, StoredForm } from '../../db-proxy-lambda/contract.ts';
import type { ObjectStore } from './object-store.ts';
import { leaveMarker, snapshotMarker } from './owed.ts';
import { traceOf, type Logger } from './logger.ts';
import { formKey, formObject, tokenKey, tokenObject } from './snapshot.ts';

export interface SnapshotWriter {
  /** A version that was stored. */
  putForm: (form: StoredForm) => Promise<void>;
  /** A token that was made just now: one that was revoked meanwhile stays revoked. */
  putNewToken: (token: HashedToken) => Promise<void>;
  /** A token that was ended. */
  putRevokedToken: (token: HashedToken) => Promise<void>;
  /**
   * Makes a change of the database, then writes it into the snapshot. A marker is left meanwhile: when the writing fails,
   * the sweep repairs the snapshot within a minute.
   *
   * @returns `isKept`: whether it is in the snapshot, or will be. False while S3 takes nothing at all.
   */
  record: <T>(change: () => Promise<T>, write: (result: T) => Promise<void>) => Promise<{ result: T; isKept: boolean }>;
}

export function createSnapshotWriter(store: ObjectStore, logger: Logger, newId: () => string): SnapshotWriter {
  async function mark(): Promise<string | undefined> {
    const marker = snapshotMarker(newId());
    try {
      await leaveMarker(store, marker);
      return marker;
    } catch (error) {
      // A token must be ended without S3 too.
      logger.error('marker not left', { ...traceOf(error) });
      return undefined;
    }
  }

  return {
    putForm: async (form) => void (await store.put(formKey(form), formObject(form))),
    putNewToken: async (token) => void (await store.put(tokenKey(token.sha256), tokenObject(token), 'absent')),
    putRevokedToken: async (token) => void (await store.put(tokenKey(token.sha256), tokenObject(token))),
    async record(change, write) {
      const marker = await mark();
      const result = await change();
      try {
        await write(result);
        if (marker !== undefined) await store.remove(marker);
      } catch (error) {
        logger.error('snapshot not written', { marker, ...traceOf(error) });
        return { result, isKept: marker !== undefined };
      }
      return { result, isKept: true };
    },
  };
}
