/** Follows a flagged response to the task that it creates for its collector. */
import { createStackDatabase, type TestDatabase } from '../support/databases.ts';
import { eventually } from '../support/fixture.ts';
import { BREAKS_RULE1, household } from '../support/responses.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

let database: TestDatabase;
let stack: TestStack;

beforeAll(async () => {
  database = await createStackDatabase();
  stack = await startTestStack({ databaseUrl: database.url });
});
afterAll(async () => {
  await stack.stop();
  await database.drop();
});

const authorization = () => ({ authorization: `Bearer ${stack.tokens.manager}` });

async function post(response: Record<string, unknown>): Promise<unknown> {
  const reply = await fetch(`${stack.url}/collect`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization() },
    body: JSON.stringify(response),
  });
  return Reflect.get(Object(await reply.json()), 'status');
}

/** Waits until a response has a task with this status. @returns the statuses of its tasks */
function tasksOf(responseId: string, status: string): Promise<string[]> {
  return eventually(async () => {
    const reply = await fetch(`${stack.url}/api/v1/tasks/?response_id=${responseId}`, {
      headers: authorization(),
    });
    const tasks = (await reply.json()) as { status: string }[];
    const statuses = tasks.map((task) => task.status);
    return statuses.includes(status) && statuses;
  });
}

test('a flagged response creates a task for its collector; a correction sets it to APPROVED, and a rejection to REJECTED', async () => {
  const flagged = household(BREAKS_RULE1);
  const responseId = String(flagged['response_id']);
  expect(await post(flagged)).toBe('flagged');
  expect(await tasksOf(responseId, 'IN_REVIEW')).toEqual(['IN_REVIEW']);

  const corrected = household({ response_id: responseId, last_modified_time: '2026-09-01T09:00:00Z' });
  expect(await post(corrected)).toBe('accepted');
  expect(await tasksOf(responseId, 'APPROVED')).toEqual(['APPROVED']);

  const rejected = await fetch(`${stack.url}/responses/${responseId}/reviews`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization() },
    body: JSON.stringify({ action: 'reject', revision: 2 }),
  });
  expect(rejected.status).toBe(201);
  expect(await tasksOf(responseId, 'REJECTED')).toEqual(['REJECTED']);
});
