/** Reviews one by one, beside posts of responses in the same run. */
import { generateHouseholds } from '../demo/households.ts';
import type { ServerKind } from '../tests/support/private-server.ts';
import { columnsOfLoad, load, type Load } from './load.ts';
import { percentile, printTable } from './report.ts';
import { householdLoad } from './requests.ts';
import { withStack, type BenchDatabase, type BenchStack } from './stack.ts';

const CONNECTIONS = [1, 8, 32];
/**
 * Posts and reviews take turns, so that both meet the same load: on a shared machine, the speed of one run differs from
 * that of the next by a fifth.
 */
const TURNS = 5;
const REQUESTS = 1_000;
const WARM_UP_REQUESTS = 4_000;

export async function benchReviews(server: ServerKind | undefined): Promise<void> {
  for (const database of [{ server }, 'sqlite'] satisfies BenchDatabase[]) {
    await withStack(database, async (stack) => {
      await load(householdLoad(stack, 8, WARM_UP_REQUESTS, 'warm-up'));
      await load(reviewLoad(stack, 8, WARM_UP_REQUESTS, 'warm-up'));
      const rows = [];
      for (const connections of CONNECTIONS)
        rows.push({ database: stack.program, ...(await measure(stack, connections)) });
      printTable(
        `POST /responses/{response_id}/reviews one by one on ${stack.program}, medians of ${TURNS} turns`,
        rows,
      );
    });
  }
}

async function measure(stack: BenchStack, connections: number) {
  const turns: { posts: number; reviews: number; latencies: number[] }[] = [];
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const run = `reviewed-${connections}-${turn}`;
    const posts = await load(householdLoad(stack, connections, REQUESTS, run));
    const reviews = await load(reviewLoad(stack, connections, REQUESTS, run));
    turns.push({ posts: posts.perSecond, reviews: reviews.perSecond, latencies: reviews.latencies });
  }
  const median = (figure: (turn: (typeof turns)[number]) => number) => percentile(turns.map(figure), 0.5);
  return {
    connections,
    ...columnsOfLoad({ perSecond: median((turn) => turn.reviews), latencies: turns.flatMap((turn) => turn.latencies) }),
    'posts/s': Math.round(median((turn) => turn.posts)),
    'of posts': median((turn) => turn.reviews / turn.posts).toFixed(2),
  };
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
