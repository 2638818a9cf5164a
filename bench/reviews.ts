/** Reviews one by one, beside posts of responses in the same run. */
import { generateHouseholds } from '../demo/households.ts';
import type { ServerKind } from '../tests/support/private-server.ts';
import { columnsOfLoad, load, type Load } from './load.ts';
import { printTable } from './report.ts';
import { householdLoad } from './requests.ts';
import { withStack, type BenchDatabase, type BenchStack } from './stack.ts';

const CONNECTIONS = [1, 8, 32];
const REQUESTS = 2_000;
const WARM_UP_REQUESTS = 4_000;

export async function benchReviews(server: ServerKind | undefined): Promise<void> {
  for (const database of [{ server }, 'sqlite'] satisfies BenchDatabase[]) {
    await withStack(database, async (stack) => {
      await load(householdLoad(stack, 8, WARM_UP_REQUESTS, 'warm-up'));
      await load(reviewLoad(stack, 8, WARM_UP_REQUESTS, 'warm-up'));
      const rows = [];
      for (const connections of CONNECTIONS) {
        const run = `reviewed-${connections}`;
        const posts = await load(householdLoad(stack, connections, REQUESTS, run));
        const reviews = await load(reviewLoad(stack, connections, REQUESTS, run));
        rows.push({
          database: stack.program,
          connections,
          ...columnsOfLoad(reviews),
          'posts/s': Math.round(posts.perSecond),
          'of posts': (reviews.perSecond / posts.perSecond).toFixed(2),
        });
      }
      printTable(`POST /responses/{response_id}/reviews one by one on ${stack.program}`, rows);
    });
  }
}

/** A review of each response of the household load with this `run`. */
function reviewLoad({ host, token }: BenchStack, connections: number, requests: number, run: string): Load {
  const households = Array.from(generateHouseholds(requests, 3, run));
  return {
    url: households.map(({ response_id: id }) => `${host.url}/responses/${encodeURIComponent(String(id))}/reviews`),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    bodies: households.map(() => JSON.stringify({ action: 'approve', revision: 1, text: 'As agreed on the phone.' })),
    connections,
  };
}
