/** The real forms beside this repository: what each contains, and whether Collect accepts it. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { withEveryTrait } from './with-every-trait.ts';

const FOLDER = path.resolve('../shared/data/xforms');

export interface RealForm {
  /** Below the folder of the forms. */
  file: string;
  expectation: 'accept' | 'refuse' | 'either';
  /** Unique among the real forms; several of them have the same id in their XML. */
  formId: string;
  bytes: Buffer;
  /** The folder with the form's media, if it has some. */
  media: string | undefined;
  /** The workbook from which the form was converted, if it is there. */
  workbook: string | undefined;
}

interface Row {
  file: string;
  expectation: RealForm['expectation'];
  /** The kinds of constructs, separated by spaces. */
  features: string;
  /** The reason why Collect refuses the form, or may refuse it. */
  why: string;
}

/**
 * The real forms; [] if they are missing. By default these are accepted forms that together contain every kind of
 * construct, and one form for each reason for a refusal. ALL_REAL_FORMS=1 adds all others.
 */
export function readRealForms(): RealForm[] {
  const index = path.join(FOLDER, 'index.csv');
  if (!existsSync(index)) return [];
  const rows: Row[] = parse(readFileSync(index), { columns: true });
  const forms = rows.map((row, number) => ({ ...realForm(row, number), traits: traitsOf(row) }));
  return process.env['ALL_REAL_FORMS'] === '1' ? forms : [...withEveryTrait(forms)];
}

function traitsOf({ expectation, features, why }: Row): string[] {
  return expectation === 'accept' ? features.split(' ') : [`${expectation}: ${why}`];
}

function realForm({ file, expectation }: Row, number: number): RealForm {
  const name = path.basename(file, '.xml');
  const media = [FOLDER, path.join(FOLDER, path.dirname(file))].map((place) => path.join(place, 'media', name));
  const workbook = path.join(FOLDER, file.replace(/xml$/, 'xlsx'));
  return {
    file,
    expectation,
    formId: `real_${number}`,
    bytes: readFileSync(path.join(FOLDER, file)),
    media: media.find((folder) => existsSync(folder)),
    workbook: existsSync(workbook) ? workbook : undefined,
  };
}
