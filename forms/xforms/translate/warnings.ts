/** What a manager should know before phones use a form. */
import { cyclesIn } from './xform-cycles.ts';
import type { Entry, Translation } from './draft.ts';
import type { Dropped } from './state.ts';
import { attributeOf, textIn } from '../xml.ts';

type Warning = { readonly path?: string; readonly detail: string };

/** Appearances of ODK's apps, with what may follow a hyphen. */
const APPEARANCES =
  /^(?:minimal|autocomplete|quick|quickcompact|compact|columns|columns-(?:\d+|pack|flex)|compact-\d+|quickcompact-\d+|horizontal|horizontal-compact|vertical|likert|label|list|list-nolabel|image-map|map|multiline|numbers|url|counter|masked|thousands-sep|bearing|signature|annotate|draw|new|new-front|selfie|front|no-ticks|picker|rating|field-list|table-list|month-year|year|no-calendar|coptic|ethiopian|islamic|bikram-sambat|myanmar|persian|buddhist|placement-map|maps|hidden-answer|w\d{1,2}|pages|comments|randomized|no-buttons|no-collapse|search|printer|printer:\S*|ex:\S*)$/;

/** Files that phones cannot send if they are too large. */
const LARGE: Readonly<Record<string, string>> = {
  video: 'It asks for a video. A file over 4 MB cannot be sent; keep it short and of low quality.',
  audio: 'It asks for a sound. A file over 4 MB cannot be sent; keep it short and of low quality.',
  file: 'It asks for a file. A file over 4 MB cannot be sent.',
};

/** A photo of this many pixels on its longer edge has less than 4 MB. */
const MAX_PIXELS = 3_000;

/** Appearances of pictures that are drawn on the phone, which are small. */
const DRAWN = /\b(?:signature|draw)\b/;

function photoWarning({ draft, bind, controls }: Entry): string | undefined {
  const pixels = bind?.maxPixels ?? '';
  const isSmall = /^[1-9]\d*$/.test(pixels) && Number(pixels) <= MAX_PIXELS;
  if (draft.type !== 'image' || isSmall || controls.every(({ appearance }) => DRAWN.test(appearance))) return undefined;
  return pixels === ''
    ? `It has no max-pixels, so a photo may exceed 4 MB, which cannot be sent, unless the app makes photos smaller (image_size). Set max-pixels to ${MAX_PIXELS} or less.`
    : `Its max-pixels is ${pixels.slice(0, 20)}, so a photo may exceed 4 MB, which cannot be sent. Set it to ${MAX_PIXELS} or less.`;
}

/** The warnings of a translated form, those of its reading included. */
export function warningsOf(translation: Translation, dropped: Dropped): Warning[] {
  const { xform, entries } = translation;
  const warnings: Warning[] = [...xform.warnings];
  for (const path of cyclesIn(translation)) {
    warnings.push({
      path,
      detail: 'What it calculates, or whether it is asked, depends on itself. Phones may refuse the form.',
    });
  }
  for (const entry of entries) {
    const { node, draft, controls } = entry;
    const path = node.path;
    const notFilled = dropped.why(entry, 'default');
    if (notFilled !== undefined) {
      const value = textIn(node.element).trim().slice(0, 100);
      const detail = `The value "${value}" that phones fill in is not in the definition. ${notFilled}`;
      warnings.push({ path, detail });
    }
    const large = LARGE[draft.type];
    if (large !== undefined) warnings.push({ path, detail: large });
    const photo = photoWarning(entry);
    if (photo !== undefined) warnings.push({ path, detail: photo });
    for (const { appearance } of controls) {
      // The text in parentheses holds the parameters of an appearance.
      const words = appearance.replaceAll(/\([^)]*\)?/g, ' ').split(/[\s)]+/);
      const unknown = words.filter((word) => word !== '' && !APPEARANCES.test(word));
      if (unknown.length > 0) {
        const detail = `The appearance ${unknown.join(' ').slice(0, 100)} is not known; each app may ignore it.`;
        warnings.push({ path, detail });
      }
    }
    if (attributeOf(node.element, 'dataset') !== undefined) {
      const detail = 'It describes an entity. Collect keeps its label as an answer, and makes no entity.';
      warnings.push({ path, detail });
    }
  }
  if (!dropped.hasOptionLabels) {
    warnings.push({ detail: 'The form is large. Exports show the names of its options instead of their labels.' });
  }
  if (xform.texts.leftOut.length > 0) {
    const detail = `Its languages ${xform.texts.leftOut.join(', ').slice(0, 200)} are left out; 20 are kept.`;
    warnings.push({ detail });
  }
  return warnings;
}
