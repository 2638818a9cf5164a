/** Corrections forms: with one of these, a collector corrects the own flagged responses of a form. */
import { hash } from 'node:crypto';
import type { StoredRevision } from '../../db-proxy-lambda/contract.ts';
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

/** Max flagged responses of a collector; those that arrived first. The others follow when these are corrected. */
const MAX_FLAGGED = 300;

/**
 * The flagged responses of a collector by form, without those to drafts, and without those of which the collector has
 * acknowledged every flag.
 *
 * @param formId of one form only
 */
export async function flaggedOf(
  dbProxy: DbProxy,
  userId: string,
  formId?: string,
): Promise<ReadonlyMap<string, StoredRevision[]>> {
  const selection = { user_id: userId, status: 'flagged' as const, ...(formId !== undefined && { form_id: formId }) };
  const { items } = await dbProxy.call('listResponses', { ...selection, limit: MAX_FLAGGED });
  const open = items.filter(({ flags }) => flags.some(({ acknowledged }) => acknowledged !== true));
  return Map.groupBy(open, ({ form_id: each }) => each);
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
