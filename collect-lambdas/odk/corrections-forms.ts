/** Corrections forms: with these, collectors correct their flagged and returned responses. */
import { hash } from 'node:crypto';
import type { Input, WorkItem } from '../../db-proxy-lambda/contract.ts';
import type { CompiledForm } from '../../forms/compiled/compiled-form.ts';
import { correctionsVersion, FLAGGED_CSV, flaggedCsv } from '../../forms/xforms/generate/corrections-csv.ts';
import { askedPaths, correctionsId, isCorrectable } from '../../forms/xforms/generate/corrections-instance.ts';
import { generateCorrectionsForm } from '../../forms/xforms/generate/corrections.ts';
import { isTransient } from '../shared/db-proxy-client.ts';
import { traceOf } from '../shared/logger.ts';
import { mapOf } from '../shared/submissions/find-form.ts';
import type { Dependencies } from './dependencies.ts';
import type { MediaFile, XformFile } from './form-files.ts';

/** Stands for the version in the paths of a corrections form: `.../forms/wells/corrections.xml`. */
export const CORRECTIONS = 'corrections';

export interface CorrectionsForm {
  id: string;
  version: string;
  title: string;
  xform: XformFile;
  /** The flagged and returned responses. */
  csv: string;
  media: MediaFile[];
}

/** Max open responses of a collector, over all forms: the earliest arrivals. The others follow when these are corrected. */
const MAX_OPEN = 300;

/** The largest page that the db-proxy gives. */
const PAGE = 1_000;
/** Max pages of the worklist that are read. They include responses that the corrections forms leave out. */
const MAX_PAGES = 20;

/**
 * The open responses of a collector by form: returned, or flagged and correctable with a corrections form. Responses to
 * drafts are left out. So is a flagged response if each of its flags is acknowledged, or is about repeats or files, which
 * the form does not ask for. The list of forms and the forms themselves must be made from the same responses, so this is
 * never limited to one form.
 *
 * @throws {DbProxyError} if the database cannot be reached
 */
export async function flaggedOf(
  { dbProxy, formFiles, logger }: Pick<Dependencies, 'dbProxy' | 'formFiles' | 'logger'>,
  userId: string,
): Promise<ReadonlyMap<string, readonly WorkItem[]>> {
  const asked = new Map<string, ReadonlySet<string> | undefined>();
  const open: WorkItem[] = [];
  let after: Input<'listWork'>['after'];
  for (let page = 1; page <= MAX_PAGES && open.length < MAX_OPEN; page += 1) {
    const { items, next } = await dbProxy.call('listWork', { user_id: userId, limit: PAGE, after });
    for (const { form_id: formId } of items) {
      if (!asked.has(formId)) asked.set(formId, await findAsked({ formFiles, logger }, formId));
    }
    open.push(...items.filter((each) => isOpen(each, asked.get(each.form_id))));
    if (next === null) break;
    after = next;
  }
  return Map.groupBy(open.slice(0, MAX_OPEN), ({ form_id: formId }) => formId);
}

function isOpen({ status, flags }: WorkItem, asked: ReadonlySet<string> | undefined): boolean {
  return asked !== undefined && (status === 'returned' || flags.some((flag) => isCorrectable(flag, asked)));
}

/** The questions that the corrections form of a form asks; undefined if the form was deleted or cannot be read. */
async function findAsked(
  { formFiles, logger }: Pick<Dependencies, 'formFiles' | 'logger'>,
  formId: string,
): Promise<ReadonlySet<string> | undefined> {
  try {
    const form = await formFiles.newest(formId);
    return form && askedPaths(form.definition);
  } catch (error) {
    if (isTransient(error)) throw error;
    logger.error('form not read', { form_id: formId, ...traceOf(error) });
    return undefined;
  }
}

/** The corrections form of a form. It changes with the collector's open responses and their reviews, and with nothing else. */
export function correctionsFormOf(form: CompiledForm, flagged: readonly WorkItem[]): CorrectionsForm {
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
