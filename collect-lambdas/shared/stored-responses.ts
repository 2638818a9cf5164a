/** Checks the stored responses of a form: for a dry run of proposed rules, and to judge them again by new rules. */
import type { ListPosition, StoredRevision } from '../../db-proxy-lambda/contract.ts';
import { pathsOf } from '../../forms/definition/question-tree.ts';
import { readStoredForm } from '../../forms/definition/read-form.ts';
import type { Circumstances, RuleChecker } from '../../forms/compiled/rules.ts';
import type { DbProxy } from './db-proxy-client.ts';

/** Which stored responses to read. */
interface Selection {
  form_id: string;
  /**
   * Only responses saved at or after this time, UTC with milliseconds; they are then in the order of their last change.
   */
  since: string | undefined;
  /** The position after which the first page starts. */
  after?: ListPosition | undefined;
  /** Maximum responses on a page. */
  limit: number;
}

/** A page of responses, and the position after which the next page starts; null after the last page. */
interface StoredPage {
  items: StoredRevision[];
  next: ListPosition | null;
}

/** The last revision of each response of a form, page by page. Erased responses are left out. */
export async function* readStored(
  dbProxy: DbProxy,
  { since, after, ...selection }: Selection,
): AsyncGenerator<StoredPage, void, void> {
  let position = after;
  do {
    const { items, next } = await dbProxy.call('listResponses', {
      ...selection,
      updated_since: since,
      after: position,
    });
    yield { items: items.filter(({ status }) => status !== 'erased'), next };
    position = next ?? undefined;
  } while (position !== undefined);
}

/**
 * Creates a check of a form's stored responses. A rule does not apply to a response whose version lacks one of its
 * questions. Each version's questions are read once.
 *
 * @returns a function that checks one response; `now` is the present for the rules, in milliseconds since 1970
 */
export function createStoredCheck(dbProxy: DbProxy, formId: string, checker: RuleChecker) {
  const known = new Map<number, Promise<Circumstances>>();
  const read = async (version: number): Promise<Circumstances> => {
    const { form } = await dbProxy.call('getForm', { form_id: formId, version });
    return form === null ? {} : { paths: new Set(pathsOf(readStoredForm(form).questions)) };
  };
  return async ({ form_version: version, response }: StoredRevision, now: number) => {
    const circumstances = known.get(version) ?? read(version);
    known.set(version, circumstances);
    return checker.inspect(response, { ...(await circumstances), now });
  };
}
