/** What a reader of Swagger UI fills in beside the examples, for each operation; in this order. */

export interface TryOut {
  /** What it is to answer. */
  status: number;
  /** The example of a body that is chosen; the first one without it. */
  example?: string;
  /** Examples of parameters that are chosen; Swagger UI fills in a default rather than an example. */
  choices?: Record<string, string>;
  /** Parameters that an earlier answer gave. */
  parameters?: (made: Made) => Record<string, string>;
  /** The member of the answer that later ones need, and what they call it. */
  makes?: { member: string; name: string };
  /** Whether the first file of the examples is uploaded. */
  uploads?: boolean;
}

/** Ids out of earlier answers. */
export type Made = ReadonlyMap<string, string>;

const id = (name: string) => (made: Made) => ({ id: made.get(name) ?? '' });
const OWN_ID = 'id';
const RESPONSE = '0f8b7c1e-household-17';

export const TRY_OUTS: Readonly<Record<string, TryOut>> = {
  // First, while nothing that comes in has made a task: the examples speak of person 1.
  createPerson: { status: 201, makes: { member: OWN_ID, name: 'person' } },
  listPeople: { status: 200 },
  getPerson: { status: 200, parameters: id('person') },
  changePerson: { status: 200, parameters: id('person') },
  createCompany: { status: 201, makes: { member: OWN_ID, name: 'company' } },
  listCompanies: { status: 200 },
  getCompany: { status: 200, parameters: id('company') },
  createTaskStatus: { status: 201, makes: { member: OWN_ID, name: 'status' } },
  listTaskStatuses: { status: 200 },
  getTaskStatus: { status: 200, parameters: id('status') },
  createTask: { status: 201, makes: { member: OWN_ID, name: 'task' } },
  listTasks: { status: 200 },
  getTask: { status: 200, parameters: id('task') },
  changeTask: { status: 200, parameters: id('task') },
  deleteTask: { status: 204, parameters: id('task') },
  changeCompany: { status: 200, parameters: id('company') },
  changeTaskStatus: { status: 200, parameters: id('status') },
  deletePerson: { status: 204, parameters: id('person') },
  deleteCompany: { status: 204, parameters: id('company') },
  deleteTaskStatus: { status: 204, parameters: id('status') },
  uploadTasks: { status: 200, uploads: true },

  health: { status: 200 },
  collect: { status: 201, example: 'flagged' },
  collectBatch: { status: 200 },
  collectForm: { status: 200, example: 'flagged' },
  collectFormBatch: { status: 200 },
  listResponses: { status: 200 },
  getResponse: { status: 200 },
  listRevisions: { status: 200 },

  putForm: { status: 201 },
  listForms: { status: 200 },
  getForm: { status: 200 },
  dryRun: { status: 200 },

  requestExport: { status: 202, makes: { member: 'export_id', name: 'export' } },
  getExport: { status: 200, parameters: (made) => ({ export_id: made.get('export') ?? '' }) },
  listExports: { status: 200 },
  listTables: { status: 200 },
  eraseResponse: { status: 204, parameters: () => ({ response_id: RESPONSE }) },

  getMetrics: { status: 200 },
  getMetricsChart: { status: 200 },
  putHello: { status: 204 },
  getHello: { status: 200 },
  welcome: { status: 200 },
  calculate: { status: 200, choices: { system: 'calculate' } },
  plotCalculation: { status: 200 },
  getOpenapi: { status: 200 },
  getDocs: { status: 200 },
  getDocsFile: { status: 200 },

  createToken: { status: 201, makes: { member: 'token_id', name: 'token' } },
  listTokens: { status: 200 },
  listAudit: { status: 200 },
  // Not the one in use.
  revokeToken: { status: 204, parameters: (made) => ({ token_id: made.get('token') ?? '' }) },
};
