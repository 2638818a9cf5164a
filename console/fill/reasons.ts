/** What is added to the page that ODK Web Forms draws: reasons of flags beside their questions, and names of fields. */
import type { FormRoot } from '@getodk/web-forms';
import { elementOf, nodesAt, nodesIn } from './form-root.ts';
import type { Reason } from './types.ts';

const CLASS = 'reason-beside';

/** Adds reasons and names, and again whenever a question is redrawn. @returns a function that stops it */
export function keepReasons(frame: HTMLElement, root: FormRoot, reasons: readonly Reason[]): () => void {
  const place = (): void => {
    reasons.forEach((reason) => placeReason(root, reason));
    nameFields(root);
  };
  const observer = new MutationObserver(place);
  observer.observe(frame, { childList: true, subtree: true });
  place();
  return () => observer.disconnect();
}

/** Fields for numbers, and buttons with a picture, have no accessible names: they get their question's label. */
function nameFields(root: FormRoot): void {
  for (const node of nodesIn(root)) {
    const { label } = node.currentState;
    if (label === null) continue;
    for (const field of elementOf(node)?.querySelectorAll<HTMLElement>('input, button') ?? []) {
      const isButton = field instanceof HTMLButtonElement;
      const isNamed = isButton
        ? field.innerText !== ''
        : field instanceof HTMLInputElement && field.labels?.length !== 0;
      if (!isNamed && !field.hasAttribute('aria-label')) {
        field.setAttribute('aria-label', isButton ? `Remove “${label.asString}”` : label.asString);
      }
    }
  }
}

function placeReason(root: FormRoot, { message, questions }: Reason): void {
  for (const node of questions.flatMap((reference) => nodesAt(root, reference))) {
    const question = elementOf(node);
    const isThere = [...(question?.querySelectorAll(`:scope > .${CLASS}`) ?? [])].some(
      ({ textContent }) => textContent === withSign(message),
    );
    if (question === null || isThere) continue;
    const element = document.createElement('p');
    element.className = CLASS;
    element.textContent = withSign(message);
    question.append(element);
  }
}

function withSign(message: string): string {
  return `⚑ ${message}`;
}

/** The element of the first question of a reason that the page shows now. */
function askedQuestion(root: FormRoot, { questions }: Reason): HTMLElement | undefined {
  return questions
    .flatMap((reference) => nodesAt(root, reference))
    .map(elementOf)
    .find((element) => element !== null);
}

/** Scrolls to the question of a reason, and puts the cursor there. @returns false if the question is not asked */
export function showQuestion(root: FormRoot, reason: Reason): boolean {
  const question = askedQuestion(root, reason);
  if (question === undefined) return false;
  question.scrollIntoView({ block: 'center' });
  question.querySelector<HTMLElement>('input, textarea, select, button, [tabindex]')?.focus({ preventScroll: true });
  return true;
}

/** The label of the first question of a reason that the page shows now; undefined if it shows none of them. */
export function questionLabel(root: FormRoot, { questions }: Reason): string | undefined {
  const node = questions.flatMap((reference) => nodesAt(root, reference)).find((each) => elementOf(each) !== null);
  return node && (node.currentState.label?.asString ?? 'the question');
}
