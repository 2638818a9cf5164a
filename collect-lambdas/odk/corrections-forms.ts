/** Corrections forms: with one of these, a collector corrects the own flagged responses of a form. */
import { hash } from 'node:crypto';
import type { Input, StoredRevision } from '../../db-proxy-lambda/contract.ts';
import type { CompiledForm } from '../../forms/compiled/compiled-form.ts';
import { correctionsVersion, FLAGGED_CSV, flaggedCsv } from '../../forms/xforms/generate/corrections-csv.ts';
import { correctionsId } from '../../forms/xforms/generate/corrections-instance.ts';
import { generateCorrectionsForm } from '../../forms/xforms/generate/corrections.ts';
import type { DbProxy } from '../shared/db-proxy-client.ts';
import { mapOf } from '../shared/submissions/find-form.ts';
import type { MediaFile, XformFile } from './form-files.ts';

/** Stands for the version in the paths of a corrections form: `.../forms/wells/corrections.xml`. */
export const CORRECTIONS = 'corrections';

export interface CorrectionsForm {
  id: string;
  version: string;
  title: string;
  xform: XformFile;
  /** The flagged responses. */
  csv: string;
  media: MediaFile[];
}

/** Max open responses of a collector, of all forms; those that arrived first. The others follow when these are corrected. */
const MAX_OPEN = 300;

/** Max pages of flagged responses that are read; those that were acknowledged are among them. */
const MAX_PAGES = 20;

/**
 * The open responses of a collector by form: flagged, and without the collector's acknowledgement of every flag; those to
 * drafts are left out. The list of forms and the forms themselves must be made from the same responses, so this is never
 * limited to one form.
 */
export async function flaggedOf(
  dbProxy: DbProxy,
  userId: string,
): Promise<ReadonlyMap<string, readonly StoredRevision[]>> {
  const open: StoredRevision[] = [];
  const selection = { user_id: userId, status: 'flagged' as const, limit: MAX_OPEN };
  let after: Input<'listResponses'>['after'];
  for (let page = 1; page <= MAX_PAGES && open.length < MAX_OPEN; page += 1) {
    const { items, next } = await dbProxy.call('listResponses', { ...selection, ...(after && { after }) });
    open.push(...items.filter(({ flags }) => flags.some(({ acknowledged }) => acknowledged !== true)));
    if (next === null) break;
    after = next;
  }
  return Map.groupBy(open.slice(0, MAX_OPEN), ({ form_id: formId }) => formId);
}

/** The corrections form of a form. It changes with the collector's flagged responses, and with nothing else. */
export function correctionsFormOf(form: CompiledForm, flagged: readonly StoredRevision[]): CorrectionsForm {
  const { definition, version } = form;
  const xformId = mapOf(form).id;
  const csv = flaggedCsv(definition, flagged);
  const xml = generateCorrectionsForm({ definition, version, xformId }, csv);
  const bytes = new TextEncoder().encode(xml);
  return {
    id: correctionsId(xformId),
    version: correctionsVersion(csv),
    title: `Corrections: ${definition.title}`,
    xform: { bytes, md5: hash('md5', bytes) },
    csv,
    media: [{ name: FLAGGED_CSV, md5: hash('md5', csv) }],
  };
}
