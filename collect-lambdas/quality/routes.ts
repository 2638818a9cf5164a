import { READING } from '../shared/access.ts';
import { FORM_ID, jsonReply, ref, SAVED_AT } from '../shared/route-docs.ts';
import { createRouter, route } from '../shared/route.ts';
import { getQuality } from './handler.ts';
import { qualityQuery } from './request.ts';

export const about =
  !process.env['BUNDLED'] && 'Quality figures: how well each collector, rule and day of a form does.';

export const routes = {
  'GET /forms/{form_id}/quality': route({
    roles: READING,
    query: qualityQuery,
    handle: getQuality,
    docs: !process.env['BUNDLED'] && {
      operationId: 'getQuality',
      summary: 'Quality figures of a form, or by collector, rule or day',
      description:
        'A response counts on the UTC day on which its first revision was saved. `first_pass_rate`: the share of the responses whose first revision had no flag. `flags_per_hundred`: flags per hundred responses; each rule counts once for a response, with the flags of the revision that first broke it. `median_correction_seconds`: from the first flag to the first revision without one, or to an approval; within 5 % and a second. `open`: flagged or returned now; by collector, of the responses that belong to the collector now, while all other figures are about the collector of the first revision. Flags of re-judges count in `open` alone, until they are corrected. A missing file counts in `open` alone. The figures follow a change within seconds, and leave out erased responses. Responses that arrived before `counted_since` are not counted.',
      path: { form_id: FORM_ID },
      query: {
        by: { description: 'One row per collector, rule or day; `form`: one row with the figures of all responses.' },
        since: { description: 'Only responses that arrived on this UTC day or later.' },
      },
      replies: {
        200: jsonReply('The figures.', ref('Quality'), {
          form_id: 'household_finances',
          by: 'collector',
          since: null,
          counted_since: SAVED_AT,
          rows: [
            {
              key: 'collector-1',
              responses: 240,
              first_passed: 216,
              first_pass_rate: 0.9,
              flagged: 25,
              flags: 30,
              flags_per_hundred: 12.5,
              returned: 2,
              corrected: 21,
              median_correction_seconds: 5_420,
              open: 4,
            },
          ],
        }),
      },
      problems: ['not-found', 'unavailable'],
      smoke: 'get-quality',
    },
  }),
};

export const createHandler = createRouter(routes);
