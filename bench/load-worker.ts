/** A thread that posts responses over keep-alive connections and reports the measurements. */
import { Agent, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { generateHouseholds } from '../demo/households.ts';
import { inParallel } from './report.ts';
import type { Load } from './requests.ts';

const { url, token, connections, requests, run }: Load = workerData;
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const bodies = Array.from(generateHouseholds(requests, 3, run), (household) => JSON.stringify(household));

function post(body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const call = request(`${url}/collect`, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode));
    });
    call.once('error', reject);
    call.end(body);
  });
}

const latencies: number[] = [];
const start = performance.now();
await inParallel(connections, bodies, async (body) => {
  const sent = performance.now();
  const status = await post(body);
  if (status !== 201) throw new Error(`POST /collect replied ${status} to a new response.`);
  latencies.push(performance.now() - sent);
});
parentPort?.postMessage({ perSecond: (requests * 1_000) / (performance.now() - start), latencies });
agent.destroy();
