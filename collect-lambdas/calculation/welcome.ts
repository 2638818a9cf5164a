/** What GET / says: what this is, and which routes it has. A test holds the list against template.yaml. */

/** By use: methods, path, and what for. */
const ROUTES: Record<string, readonly (readonly [methods: string, path: string, purpose: string])[]> = {
  'Responses come in': [
    ['POST', '/collect', 'check a response, save it, answer with its flags'],
    ['POST', '/collect/batch', 'the same for up to 1,000 responses'],
    ['POST', '/forms/{form_id}/responses', 'the same for a form of your own'],
    ['POST', '/forms/{form_id}/responses/batch', 'the same for up to 1,000 of them'],
    ['GET', '/health', 'would a response be saved now?'],
  ],
  'What is stored': [
    ['GET', '/responses', 'the worklist: all, flagged, of a collector'],
    ['GET DELETE', '/responses/{response_id}', 'one response; erase its answers'],
    ['GET', '/responses/{response_id}/revisions', 'its history'],
  ],
  'Forms and their rules': [
    ['GET', '/forms', 'all forms'],
    ['GET PUT', '/forms/{form_id}', 'a form; store its next version'],
    ['POST', '/forms/{form_id}/dry-run', 'what would these rules flag?'],
  ],
  'Exports to S3 and Google Sheets': [
    ['POST', '/google-sheet', 'export a table'],
    ['GET', '/exports', 'all exports'],
    ['GET', '/exports/{export_id}', 'how far an export is'],
    ['GET', '/tables', 'what can be exported'],
  ],
  'Who may call': [
    ['GET POST', '/tokens', 'all tokens; make one'],
    ['DELETE', '/tokens/{token_id}', 'revoke one'],
    ['GET', '/audit', 'who erased, exported or changed what'],
  ],
  Tasks: [
    ['GET POST', '/api/v1/tasks/', 'list, add'],
    ['GET PATCH DELETE', '/api/v1/tasks/{id}', 'one task'],
    ['POST', '/api/v1/tasks/upload/', 'add those of a CSV file'],
    ['GET POST', '/api/v1/companies/', 'list, add'],
    ['GET PATCH DELETE', '/api/v1/companies/{id}', 'one company'],
    ['GET POST', '/api/v1/people/', 'list, add'],
    ['GET PATCH DELETE', '/api/v1/people/{id}', 'one person'],
    ['GET POST', '/api/v1/task_status/', 'list, add'],
    ['GET PATCH DELETE', '/api/v1/task_status/{id}', 'one status'],
  ],
  'Food-security metrics': [
    ['GET', '/metrics', 'figures by area and month, by country and day'],
    ['GET', '/metrics/chart', 'a country over time, as a picture'],
  ],
  Birthdays: [['GET PUT', '/hello/{username}', 'how many days until the next one; store one']],
  Calculation: [
    ['GET', '/calculation', 'the states of a dynamical system'],
    ['GET', '/calculation/plot', 'its trajectory, as a picture'],
  ],
  'This page, and more': [
    ['GET', '/', 'the routes'],
    ['GET', '/docs', 'the documentation, to read and to try'],
    ['GET', '/docs/{file}', 'what that page loads'],
    ['GET', '/openapi.json', 'the same for programs'],
  ],
};

export const WELCOME = [
  'Welcome to Collect: survey responses are checked on arrival, and come back with their flags.',
  ...Object.entries(ROUTES).map(([use, routes]) =>
    [
      `${use}:`,
      ...routes.map(([methods, path, purpose]) => `  ${methods.padEnd(18)}${path.padEnd(40)}${purpose}`),
    ].join('\n'),
  ),
]
  .join('\n\n')
  .concat('\n');
