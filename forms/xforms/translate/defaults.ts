/** Translates the values with which the instance of an XForm begins. */
import { readAnswer } from '../read-answer.ts';
import { textIn } from '../xml.ts';
import type { Entry } from './draft.ts';
import type { Dropped } from './state.ts';

/**
 * Writes the value of a node into its draft, as the answer that the phone fills in. If the phone replaces the value
 * when it opens the form, there is no default. A value that is not an answer is dropped when the definition is checked.
 */
export function translateDefault(entry: Entry, dropped: Dropped): void {
  const { node, bind, draft } = entry;
  const { type, places } = draft;
  const text = textIn(node.element);
  if (type === 'group' || type === 'repeat' || text.trim() === '') return;
  if (bind?.calculate !== undefined || bind?.preload !== undefined || dropped.why(entry, 'default') !== undefined)
    return;
  if (type === 'image' || type === 'audio' || type === 'video' || type === 'file') {
    dropped.add(entry, 'default', 'A definition cannot fill in files.');
    return;
  }
  draft.default = readAnswer({ type, ...(places !== undefined && { places }) }, text).value;
}
