import { helloParameters } from '../../collect-lambdas/hello/request.ts';
import { json, ref, type Parameter, type Tag } from '../model.ts';
import { parametersOf } from '../parameters.ts';

const { username, ...headers } = helloParameters.shape;

const PARAMETERS: Parameter[] = [
  ...parametersOf(
    'path',
    { username },
    { username: { description: 'A name: letters of any script, at most 64. Case counts.' } },
  ),
  ...parametersOf('header', headers, {
    'X-Time-Zone': {
      description: "The caller's time zone, whose day is today: an IANA name. Left out, it is the installation's.",
      example: 'Africa/Ouagadougou',
    },
  }),
];

export const hello: Tag = {
  name: 'hello',
  description: 'Birthdays: how many days until the next one.',
  operations: {
    'PUT /hello/{username}': {
      operationId: 'putHello',
      summary: 'Store a birthday',
      description: 'The day of birth has to be before today. One that was stored before is replaced.',
      parameters: PARAMETERS,
      body: { 'application/json': ref('Birthday') },
      answers: { 204: { description: 'It is stored.' } },
      problems: ['not-json', 'too-large', 'unsupported-media-type', 'invalid-body', 'invalid-parameter', 'unavailable'],
    },
    'GET /hello/{username}': {
      operationId: 'getHello',
      summary: 'How many days until the birthday?',
      description: 'Who was born on 29 February has the birthday on 28 February in other years.',
      parameters: PARAMETERS,
      answers: {
        200: {
          description: 'A greeting.',
          content: json(ref('Greeting'), { message: 'Hello, Zoé! Your birthday is in 5 day(s)' }),
        },
      },
      problems: ['not-found', 'invalid-parameter', 'unavailable'],
    },
  },
};
