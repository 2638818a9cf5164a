/** Reads an uploaded XForm or workbook, and translates it to a form definition. */
import type { FormDefinition } from '../../forms/definition/form-definition.ts';
import type { UploadedXform } from '../../forms/definition/uploaded-xform.ts';
import { mediaNames } from '../../forms/xforms/media-names.ts';
import { translateXform, type XformReport } from '../../forms/xforms/translate/translate.ts';
import { MAX_XML_DEPTH, parseXml, XmlError } from '../../forms/xforms/xml.ts';
import { Problem } from '../shared/problem.ts';
import type { Convert } from './converter.ts';
import { decodeText, MAX_FORM_FILE_BYTES, type Upload } from './upload-body.ts';

const WORKBOOK = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const XML_TYPES = ['text/xml', 'application/xml'] as const;
const ANY_BYTES = 'application/octet-stream';

/** The content types of PUT /forms/{form_id}/xform. */
export const UPLOADED_TYPES = [...XML_TYPES, ANY_BYTES, WORKBOOK] as const;

/** The first bytes of a ZIP archive, which every .xlsx workbook is. */
const ARCHIVE = Buffer.from('PK\u0003\u0004');

/** An XForm as it was uploaded, or as a workbook was converted. */
export type UploadedForm = {
  readonly bytes: Buffer<ArrayBuffer>;
  readonly text: string;
  /** The files that the form shows or reads. */
  readonly mediaNames: readonly string[];
  /** The content of itemsets.csv, if the workbook has external choices. */
  readonly itemsets: string | null;
  /** The converter's warnings. */
  readonly warnings: readonly string[];
};

/**
 * Reads the XForm, which is made from a workbook if one was uploaded.
 *
 * @throws {Problem} 422 with what is wrong with the XML or the workbook; 501 where workbooks cannot be converted
 */
export async function readUploadedForm(
  convert: Convert,
  formId: string,
  { type, bytes }: Upload,
): Promise<UploadedForm> {
  const isWorkbook = type === WORKBOOK || bytes.subarray(0, ARCHIVE.length).equals(ARCHIVE);
  if (!isWorkbook) return withMedia(bytes, { itemsets: null, warnings: [] });
  const converted = await convert(formId, bytes);
  if (converted.ok) return withMedia(Buffer.from(converted.xform), converted);
  const { reason, message } = converted;
  if (reason === 'workbook') throw unusable([{ pointer: '', detail: message }]);
  throw new Problem('not-installed', {
    detail: `${message} XLSForms are converted by Python 3.10 or newer with pyxform: install it with "npm run xlsform -- --install". Or convert the workbook elsewhere and send the XForm.`,
  });
}

function withMedia(
  bytes: Buffer<ArrayBuffer>,
  { itemsets, warnings }: Pick<UploadedForm, 'itemsets' | 'warnings'>,
): UploadedForm {
  const text = decodeText(bytes);
  return { bytes, text, mediaNames: mediaNamesIn(text), itemsets, warnings };
}

/** @throws {Problem} 422 for malformed XML */
export function mediaNamesIn(text: string): string[] {
  try {
    return mediaNames(parseXml(text, { maxDepth: MAX_XML_DEPTH, maxBytes: MAX_FORM_FILE_BYTES }));
  } catch (error) {
    if (error instanceof XmlError) throw unusable([{ pointer: '', detail: error.message }]);
    throw error;
  }
}

/** A form made from an XForm, and what Collect checks in it. */
export type TranslatedForm = {
  readonly definition: FormDefinition;
  readonly xform: UploadedXform;
  readonly report: XformReport;
};

/**
 * Translates an XForm.
 *
 * @param previous the form's newest stored version, whose rules are kept
 * @throws {Problem} 422 with a pointer into the XForm for each fault
 */
export function translate(
  formId: string,
  { text, warnings }: UploadedForm,
  previous: FormDefinition | undefined,
): TranslatedForm {
  const translated = translateXform(text, { form_id: formId, ...(previous && { previous }) });
  if (!translated.ok) throw unusable(translated.faults);
  const { form, report } = translated;
  if (form.xform === undefined) throw new Error('A translated form does not name its XForm.');
  const all = [...warnings.map((detail) => ({ detail })), ...report.warnings];
  return { definition: form, xform: form.xform, report: { ...report, warnings: all } };
}

function unusable(errors: { pointer: string; detail: string }[]): Problem {
  return new Problem('invalid-form', { errors });
}
