import { ANYBODY } from '../shared/access.ts';
import { jsonReply, ref } from '../shared/route-docs.ts';
import { createRouter, route } from '../shared/route.ts';
import { getHello, putHello } from './handler.ts';
import { helloParameters, putHelloBody } from './request.ts';

export const about = !process.env['BUNDLED'] && 'Birthdays, and the number of days until the next one.';

const PARAMETERS = !process.env['BUNDLED'] && {
  path: {
    username: {
      description: 'A name: letters of any script, at most 64, case-sensitive.',
      source: helloParameters.shape.username,
    },
  },
  headers: {
    'X-Time-Zone': {
      description:
        "The IANA name of the caller's time zone, which decides the current day. By default the installation's time zone.",
      example: 'Africa/Ouagadougou',
      source: helloParameters.shape['X-Time-Zone'],
    },
  },
};

export const routes = {
  'PUT /hello/{username}': route({
    roles: ANYBODY,
    body: putHelloBody,
    bodyLimit: 1_000,
    handle: putHello,
    docs: !process.env['BUNDLED'] && {
      operationId: 'putHello',
      summary: 'Store a birthday',
      description: 'The date of birth must be before today. It replaces an earlier one.',
      ...PARAMETERS,
      replies: { 204: { description: 'The birthday is stored.' } },
      problems: ['invalid-parameter', 'unavailable'],
    },
  }),
  'GET /hello/{username}': route({
    roles: ANYBODY,
    handle: getHello,
    docs: !process.env['BUNDLED'] && {
      operationId: 'getHello',
      summary: 'How many days until the birthday?',
      description: 'In common years, a birthday on 29 February is on 28 February.',
      ...PARAMETERS,
      replies: {
        200: jsonReply('A greeting.', ref('Greeting'), { message: 'Hello, Zoé! Your birthday is in 5 day(s)' }),
      },
      problems: ['not-found', 'invalid-parameter', 'unavailable'],
      smoke: 'get-hello',
    },
  }),
};

export const createHandler = createRouter(routes);
