/** Translates `selected()` and `regex()`, and says whether a question is answered. */
import type { Condition } from '../../language/condition.ts';
import { compilePattern, patternFault } from '../../values/pattern.ts';
import { Untranslatable } from './draft.ts';
import type { Value } from './xpath-values.ts';

/** There is an answer that is not blank. */
export const answered = (fact: string): Condition => ({ fact, operator: 'answered' });

/** There is no answer, or a blank one. */
export const notAnswered = (fact: string): Condition => ({ fact, operator: 'notAnswered' });

/** Translates `selected()`. An option that the question does not have is never selected. */
export function selectedOf({ question, kind, names }: Value, { constant }: Value): Condition | false {
  if (question === undefined || names === undefined || constant === undefined) {
    throw new Untranslatable('The server knows selected() only of a question with options and the name of one.');
  }
  const name = constant.trim();
  // A text with blanks would count as several options.
  if (kind === 'text' && names.some((each) => /\s/.test(each))) {
    throw new Untranslatable('It searches for a word in a text.');
  }
  if (!names.includes(name)) return false;
  return { fact: question.path, operator: kind === 'text' ? 'equal' : 'selected', value: name };
}

/** Escapes that mean the same in Java, whose expressions phones use, and in JavaScript. */
const ESCAPE = /^\\(?:[dDwWsSbBtnrf\W_]|x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4})/;

/** Translates `regex()`, which matches the whole text on phones too. */
export function matchOf({ question }: Value, { constant }: Value): Condition {
  if (question?.draft.type !== 'text' || constant === undefined) {
    throw new Untranslatable('The server matches only the text of a question with a fixed pattern.');
  }
  const hasOther = [...constant.matchAll(/\\(?:x..|u....|.)/gs)].some(([escape]) => !ESCAPE.test(escape));
  const inClasses = [...constant.matchAll(/\[((?:\\.|[^\]\\])*)\]/gs)].map(([, inside = '']) => inside);
  const hasJavaClass = inClasses.some((inside) => /\[|&&/.test(inside.replaceAll(/\\./gs, '')));
  const detail = patternFault(constant);
  if (hasOther || hasJavaClass || /\(\?(?!:)/.test(constant) || detail !== undefined) {
    throw new Untranslatable(`The server does not have this pattern. ${detail ?? ''}`.trim());
  }
  question.isMatched = true;
  const match: Condition = { fact: question.path, operator: 'matches', value: constant };
  return compilePattern(constant)('') ? { any: [notAnswered(question.path), match] } : match;
}
