/** A thread that posts bodies over keep-alive connections and reports the measurements. */
import { Agent, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { inParallel } from './report.ts';
import type { Load } from './load.ts';

const { url, headers, bodies, connections }: Load = workerData;
const agent = new Agent({ keepAlive: true, maxSockets: connections });

function post(address: string, body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const length = { 'content-length': Buffer.byteLength(body) };
    const call = request(address, { method: 'POST', agent, headers: { ...headers, ...length } }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode));
    });
    call.once('error', reject);
    call.end(body);
  });
}

const latencies: number[] = [];
const start = performance.now();
await inParallel(connections, bodies.entries(), async ([index, body]) => {
  const sent = performance.now();
  const status = await post(typeof url === 'string' ? url : (url[index] ?? ''), body);
  if (status !== 201) throw new Error(`A post got the reply ${status}.`);
  latencies.push(performance.now() - sent);
});
parentPort?.postMessage({ perSecond: (bodies.length * 1_000) / (performance.now() - start), latencies });
agent.destroy();
