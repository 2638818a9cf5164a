/**
 * The operations that a reader tries out in Swagger UI, in this order, with the values to fill in. Operations that are not
 * listed here are tried out after them, with only their examples.
 */
import type { OpenapiDocument } from '../../openapi/openapi.ts';
import { findOperation, operationsOf } from './documented.ts';

export interface TryOut {
  /** The expected status; by default the first documented 2xx. */
  status?: number;
  /** The name of the body's example; by default the first example. */
  example?: string;
  /** Names of examples by parameter, for parameters for which Swagger UI would fill in the default. */
  choices?: Record<string, string>;
  /** Parameters with ids from earlier replies. */
  parameters?: (made: Made) => Record<string, string>;
  /** The reply's member that later operations need, and the name under which it is stored. */
  makes?: { member: string; name: string };
  /** Whether to upload the example's file. */
  uploads?: boolean;
}

/** Ids from earlier replies, by name. */
export type Made = ReadonlyMap<string, string>;

const id = (name: string) => (made: Made) => ({ id: made.get(name) ?? '' });
const OWN_ID = 'id';
const RESPONSE = '0f8b7c1e-household-17';

const TRY_OUTS: Readonly<Record<string, TryOut>> = {
  // These come first, because the examples name person 1, and later operations also create people.
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
  // Revokes the new token, not the one in use.
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
