/** Sends many requests over several connections. */
import { Worker } from 'node:worker_threads';
import { percentile } from './report.ts';

/** Bodies to post; each must be stored, with the reply 201. */
export interface Load {
  /** One URL for all bodies, or one for each. */
  url: string | readonly string[];
  headers: Record<string, string>;
  bodies: readonly string[];
  connections: number;
}

interface LoadResult {
  perSecond: number;
  /** Milliseconds. */
  latencies: number[];
}

/** Sends requests from a separate thread, so that they do not block the host. */
export async function load(data: Load): Promise<LoadResult> {
  const worker = new Worker('./bench/load-worker.ts', { workerData: data });
  const result = await new Promise<LoadResult>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await worker.terminate();
  return result;
}

/** The columns of a load's result in a table. */
export function columnsOfLoad({ perSecond, latencies }: LoadResult): Record<string, string | number> {
  return {
    'requests/s': Math.round(perSecond),
    ...Object.fromEntries([50, 95, 99].map((p) => [`p${p} ms`, percentile(latencies, p / 100).toFixed(1)])),
  };
}
