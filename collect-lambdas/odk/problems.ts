/** Why a submission or a download is refused, and what the collector can do. */
import { Problem } from '../shared/problem.ts';

export function unknownForm(xformId: string): Problem {
  return new Problem('not-found', {
    detail: `There is no form with the id ${xformId} here. Keep the submission in the app, and ask the manager to upload the form.`,
  });
}

export function notYours(): Problem {
  return new Problem('not-yours', {
    detail: 'The response belongs to another collector, or was assigned to one. Ask the manager.',
  });
}

export function erased(): Problem {
  return new Problem('erased', {
    detail: 'This response was erased. Nothing is stored of it any more; delete the form from the phone too.',
  });
}

export function noSuchDownload(): Problem {
  return new Problem('not-found', {
    detail: 'There is no such form, or no such version of it. Refresh the list of forms.',
  });
}
