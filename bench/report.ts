/** Measures and prints for all benchmarks. Compare only figures of the same run. */

/** The duration of `work` in seconds. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}

/** The shortest duration of `runs` runs, in seconds. */
export async function best(runs: number, work: () => Promise<unknown>): Promise<number> {
  let fastest = Infinity;
  for (let run = 0; run < runs; run += 1) fastest = Math.min(fastest, await seconds(work));
  return fastest;
}

/** The median duration of `runs` runs, in milliseconds. */
export async function medianMs(runs: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) times.push((await seconds(work)) * 1_000);
  return percentile(times, 0.5);
}

/** The least CPU time of `runs` runs, in seconds, including the garbage collector and the compiler. */
export async function leastCpu(runs: number, work: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let run = 0; run < runs; run += 1) {
    const start = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 1_000_000);
  }
  return least;
}

/** Passes every item to `work`, `workers` at a time. */
export async function inParallel<T>(workers: number, items: Iterable<T>, work: (item: T) => Promise<unknown>) {
  const rest = Iterator.from(items);
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: workers }, worker));
}

/** The value below which a share of the samples lies. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export function printTable(title: string, rows: readonly Record<string, string | number>[]): void {
  console.log(`\n${title}`);
  console.table(rows);
}
