/**
 * What a reader of Swagger UI fills in besides the examples, in this order. Operations that are not named here are tried
 * out after them, with their examples alone.
 */
import type { OpenapiDocument } from '../../openapi/openapi.ts';
import { findOperation, operationsOf } from './documented.ts';

export interface TryOut {
  /** The status of the reply; by default the first 2xx that is documented. */
  status?: number;
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

const TRY_OUTS: Readonly<Record<string, TryOut>> = {
  // First, while nothing that comes in has made a task: the examples speak of person 1.
  createPerson: { makes: { member: OWN_ID, name: 'person' } },
  getPerson: { parameters: id('person') },
  changePerson: { parameters: id('person') },
  createCompany: { makes: { member: OWN_ID, name: 'company' } },
  getCompany: { parameters: id('company') },
  createTaskStatus: { makes: { member: OWN_ID, name: 'status' } },
  getTaskStatus: { parameters: id('status') },
  createTask: { makes: { member: OWN_ID, name: 'task' } },
  getTask: { parameters: id('task') },
  changeTask: { parameters: id('task') },
  deleteTask: { parameters: id('task') },
  changeCompany: { parameters: id('company') },
  changeTaskStatus: { parameters: id('status') },
  deletePerson: { parameters: id('person') },
  deleteCompany: { parameters: id('company') },
  deleteTaskStatus: { parameters: id('status') },
  uploadTasks: { uploads: true },

  collect: { status: 201, example: 'flagged' },
  collectBatch: {},
  collectForm: { example: 'flagged' },
  collectFormBatch: {},
  getResponse: {},
  listRevisions: {},

  putForm: { status: 201 },

  requestExport: { makes: { member: 'export_id', name: 'export' } },
  getExport: { parameters: (made) => ({ export_id: made.get('export') ?? '' }) },
  eraseResponse: { parameters: () => ({ response_id: RESPONSE }) },

  calculate: { choices: { system: 'calculate' } },

  createToken: { makes: { member: 'token_id', name: 'token' } },
  // Not the one in use.
  revokeToken: { parameters: (made) => ({ token_id: made.get('token') ?? '' }) },
};

/** Every operation, in the order in which they are tried out. */
export function tryOutsOf(document: OpenapiDocument): (TryOut & { operationId: string; status: number })[] {
  const operations = operationsOf(document).map(({ operation }) => operation);
  const first = Object.keys(TRY_OUTS);
  const others = operations.map(({ operationId }) => operationId).filter((each) => !first.includes(each));
  return [...first, ...others].map((operationId) => {
    const { responses } = findOperation(document, operationId).operation;
    const status =
      Object.keys(responses)
        .map(Number)
        .find((each) => each < 300) ?? 0;
    return { operationId, status, ...TRY_OUTS[operationId] };
  });
}
