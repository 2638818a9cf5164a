import { ANYBODY } from '../shared/access.ts';
import { jsonReply, ref } from '../shared/route-docs.ts';
import { createRouter, route } from '../shared/route.ts';
import { getHello, putHello } from './handler.ts';
import { helloParameters, putHelloBody } from './request.ts';

export const about = !process.env['BUNDLED'] && 'Birthdays: how many days until the next one.';

const PARAMETERS = !process.env['BUNDLED'] && {
  path: {
    username: {
      description: 'A name: letters of any script, at most 64. Case counts.',
      source: helloParameters.shape.username,
    },
  },
  headers: {
    'X-Time-Zone': {
      description:
        "The caller's time zone, which decides what day is today: an IANA name. By default the installation's.",
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
      description: 'The date of birth must be before today. It replaces the one stored before.',
      ...PARAMETERS,
      replies: { 204: { description: 'It is stored.' } },
      problems: ['invalid-parameter', 'unavailable'],
    },
  }),
  'GET /hello/{username}': route({
    roles: ANYBODY,
    handle: getHello,
    docs: !process.env['BUNDLED'] && {
      operationId: 'getHello',
      summary: 'How many days until the birthday?',
      description: 'A birthday on 29 February is on 28 February in other years.',
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
