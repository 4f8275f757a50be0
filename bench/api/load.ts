import { Agent, request } from 'node:http';
import { percentile } from '../engine/measure.ts';
import { cpuSeconds } from '../process-cpu.ts';

/** One kind of request to one server. */
export interface Target {
  url: string;
  pid: number | undefined;
  method: 'GET' | 'POST';
  /** The path of the next request. */
  path(): string;
  body?: string;
  status: number;
}

export interface Load {
  perSecond: number;
  p50: number;
  p99: number;
  /** Processor time of the server for one request, microseconds. */
  micros: number;
}

/** Requests over `lanes` kept connections, each lane one after the other; `restMs` between two of a lane. */
export async function load(target: Target, lanes: number, requests: number, restMs = 0): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: lanes });
  const tookMs: number[] = [];
  let left = requests;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      const started = performance.now();
      await ask(agent, target);
      tookMs.push(performance.now() - started);
      if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
    }
  };
  const cpuBefore = await cpuSeconds(target.pid);
  const started = performance.now();
  await Promise.all(Array.from({ length: lanes }, lane));
  const seconds = (performance.now() - started) / 1000;
  const cpu = (await cpuSeconds(target.pid)) - cpuBefore;
  agent.destroy();
  return {
    perSecond: requests / seconds,
    p50: percentile(tookMs, 0.5),
    p99: percentile(tookMs, 0.99),
    micros: (1e6 * cpu) / requests,
  };
}

/** Rejects on any answer but the expected one: a refusal is quick, and no figure. */
function ask(agent: Agent, { url, method, path, body, status }: Target): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers =
      body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = request(`${url}${path()}`, { agent, method, headers }, (answer) => {
      answer.resume();
      answer.on('end', () =>
        answer.statusCode === status
          ? resolve()
          : reject(new Error(`${method} ${path()}: ${answer.statusCode}`)),
      );
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
