import { freePort } from '@claude-flow/local-stack/processes/free-port';
import type { ManagedProcess } from '@claude-flow/local-stack/processes/managed-process';
import { type Stack, startStack } from '@claude-flow/local-stack/stack';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Balancer, startBalancer } from './support/balancer.ts';

/** More than two looks of the balancer. */
const SHUTDOWN_DELAY = '3000';
const CLIENTS = 8;
const DEADLINE_MS = 60_000;

let stack: Stack;
let balancer: Balancer;
const apis: { env: Record<string, string>; process: ManagedProcess }[] = [];
beforeAll(async () => {
  stack = await startStack({ apis: 0, schedulers: 1, workers: 1, model: { kind: 'mock', latencyMs: 20 } });
  for (let i = 0; i < 2; i += 1) {
    const env = { PORT: String(await freePort()), SHUTDOWN_DELAY };
    apis.push({ env, process: await stack.startApi(env) });
  }
  balancer = await startBalancer(stack.apiUrls);
});
afterAll(async () => {
  await balancer?.close();
  await stack?.stop();
});

test('two APIs restarted in turn under load, behind a balancer that looks once a second: no request is refused or broken off', async () => {
  const done = new AbortController();
  const statuses = new Map<string, number>();
  const failures: string[] = [];
  async function client(number: number): Promise<void> {
    for (let i = 0; !done.signal.aborted; i += 1) {
      try {
        const response =
          i % 4 === 0 ? await create(number) : await fetch(`${balancer.url}/api/swarms?limit=5`);
        await response.text();
        const what = `${i % 4 === 0 ? 'create' : 'list'} ${response.status}`;
        statuses.set(what, (statuses.get(what) ?? 0) + 1);
      } catch (error) {
        failures.push(String(error));
      }
    }
  }
  const clients = Array.from({ length: CLIENTS }, (_, i) => client(i));
  const answered = () => [...statuses.values()].reduce((sum, count) => sum + count, 0);
  const bothServe = () =>
    waitFor(() => balancer.ready.length === 2, { deadlineMs: DEADLINE_MS, what: 'both APIs to be ready' });
  const underLoad = (since: number) =>
    waitFor(() => answered() >= since + 5 * CLIENTS, {
      deadlineMs: DEADLINE_MS,
      what: 'requests to be answered',
    });

  for (const api of apis) {
    await bothServe();
    await underLoad(answered());
    api.process.kill('SIGTERM');
    expect(await api.process.exited).toEqual({ code: 0, signal: null });
    // While only the other one serves.
    await underLoad(answered());
    api.process = await stack.startApi(api.env);
  }
  await bothServe();
  await underLoad(answered());
  done.abort();
  await Promise.all(clients);

  expect(balancer.broken).toEqual([]);
  expect(failures).toEqual([]);
  expect([...statuses.keys()].sort()).toEqual(['create 201', 'list 200']);
  expect(balancer.sent.size).toBe(2);
});

function create(number: number): Promise<Response> {
  return fetch(`${balancer.url}/api/swarm/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      objective: `Client ${number} restarts nothing`,
      tasks: [
        { key: 'one', name: 'The only part', description: 'Write it, on one page.', agentType: 'analyst' },
      ],
    }),
  });
}
