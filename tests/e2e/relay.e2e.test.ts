import { randomInt } from 'node:crypto';
import { newSwarmId, taskId } from '@claude-flow/core/domain/ids';
import type { TaskSpec } from '@claude-flow/core/domain/task';
import { connectRedis } from '@claude-flow/core/redis/connect';
import { createLedger, type Ledger } from '@claude-flow/core/store/ledger';
import { claimPlan, storePlan } from '@claude-flow/core/store/plans';
import { createSwarm, getSwarm, pauseSwarm, resumeSwarm, startSwarm } from '@claude-flow/core/store/swarms';
import { repositoryEntries } from '@claude-flow/local-stack/entries';
import { freePort } from '@claude-flow/local-stack/processes/free-port';
import { type ManagedProcess, startProcess } from '@claude-flow/local-stack/processes/managed-process';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { SwarmMonitor } from 'claude-flow/client';
import { afterEach, expect, test } from 'vitest';

const DEADLINE_MS = 60_000;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Numbers from a seed (mulberry32): a failure can be had again. */
function dice(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Without authentication everybody is the same. */
const OWNER = 'local';

async function newStarted(ledger: Ledger): Promise<string> {
  const id = newSwarmId(Date.now());
  await createSwarm(
    ledger,
    {
      id,
      owner: OWNER,
      name: 'A swarm',
      objective: 'Be paused and resumed',
      strategy: 'auto',
      mode: 'centralized',
      maxAgents: 1,
      timeoutMs: 600_000,
      parallel: true,
      options: {},
    },
    Date.now(),
  );
  const task: TaskSpec = {
    id: taskId(1),
    key: 'a',
    sequence: 1,
    name: 'A task',
    description: 'Wait',
    type: 'custom',
    agentType: 'coder',
    priority: 2,
    dependencies: [],
    requirements: { capabilities: [], tools: [], permissions: [] },
    onFailure: 'continue',
    timeoutMs: 60_000,
    maxRetries: 0,
  };
  await claimPlan(ledger, id, 'planner');
  await storePlan(ledger, id, 'planner', {
    source: 'template',
    degraded: false,
    summary: 'One',
    tasks: [task],
  });
  await startSwarm(ledger, id);
  return id;
}

/** Two API processes, either of which is killed and started again on its port. */
async function twoServers(redis: TestRedis) {
  const servers = await Promise.all(
    [0, 1].map(async (index) => {
      const port = await freePort();
      const env = { REDIS_URL: redis.url, REDIS_PREFIX: redis.prefix, PORT: String(port) };
      const start = () => startProcess({ name: `api-${index}`, entry: repositoryEntries.api, env });
      const server: { process: ManagedProcess; restart(): Promise<void> } = {
        process: start(),
        async restart() {
          server.process.kill('SIGKILL');
          await server.process.exited;
          server.process = start();
          await server.process.ready;
        },
      };
      await server.process.ready;
      closing.push(() => server.process.stop());
      return server;
    }),
  );
  return { servers, urls: servers.map((server) => server.process.url) };
}

/** A client that is at another server after each break. */
function roamer(urls: string[], first: number) {
  const seen = new Map<string, number[]>();
  let place = first;
  let breaks = 0;
  let confirmed = false;
  const monitor = new SwarmMonitor(urls[place % urls.length], { reconnect: { baseMs: 20, capMs: 200 } });
  monitor.handleEvent = (message) => {
    if (message.type === 'swarm_event') {
      const numbers = seen.get(message.swarmId) ?? [];
      seen.set(message.swarmId, numbers);
      numbers.push(message.seq);
    }
    if (message.type === 'subscribed' && message.swarmId === '*') confirmed = true;
    if (message.type === 'disconnected' && message.reconnecting) {
      breaks += 1;
      place += 1;
      monitor.baseUrl = urls[place % urls.length] ?? '';
    }
  };
  monitor.connect();
  closing.push(() => monitor.close());
  return { monitor, seen, breaks: () => breaks, confirmed: () => confirmed };
}

test('clients that roam between two servers, each killed in turn, see every event once and in order', async () => {
  const seed = Number(process.env['RELAY_SEED'] ?? randomInt(1_000_000));
  const roll = dice(seed);
  const redis = await startTestRedis({ ownServer: true });
  closing.push(() => redis.stop());
  const connection = await connectRedis({ url: redis.url, name: 'relay-e2e', mode: 'patient' });
  closing.push(() => connection.disconnect());
  const ledger = createLedger({ redis: connection, prefix: redis.prefix });
  const { servers, urls } = await twoServers(redis);

  const old = await newStarted(ledger);
  const oldSeq = (await getSwarm(ledger, old))?.seq ?? 0;
  const named = roamer(urls, 0);
  named.monitor.subscribe(old);
  const all = [roamer(urls, 0), roamer(urls, 1)];
  for (const one of all) one.monitor.subscribe('*');
  await waitFor(() => all.every((one) => one.confirmed()), {
    deadlineMs: DEADLINE_MS,
    what: 'the beginning',
  });
  const later = [await newStarted(ledger), await newStarted(ledger)];
  for (const swarmId of later) named.monitor.subscribe(swarmId);

  const STEPS = 1_200;
  let restarting = Promise.resolve();
  for (let step = 1; step <= STEPS; step += 1) {
    const swarmId = [old, ...later][roll(later.length + 1)] ?? old;
    await pauseSwarm(ledger, swarmId);
    await resumeSwarm(ledger, swarmId);
    // A socket breaks, a swarm is created, a server is killed.
    if (roll(60) === 0) [named, ...all][roll(3)]?.monitor.ws?.close();
    if (roll(200) === 0) later.push(await newStarted(ledger));
    if (step === 300 || step === 700) {
      const server = servers[step === 300 ? 0 : 1];
      restarting = restarting.then(() => server?.restart());
    }
  }
  await restarting;
  later.push(await newStarted(ledger));

  const last = new Map<string, number>();
  for (const swarmId of [old, ...later]) last.set(swarmId, (await getSwarm(ledger, swarmId))?.seq ?? 0);
  const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const reached = (one: ReturnType<typeof roamer>, swarmIds: string[]) =>
    waitFor(() => swarmIds.every((id) => one.seen.get(id)?.includes(last.get(id) ?? 0)), {
      deadlineMs: DEADLINE_MS,
      what: `the last events (RELAY_SEED=${seed})`,
    });
  const followed = [old, ...later.slice(0, 2)];
  await reached(named, followed);
  for (const id of followed) {
    expect(named.seen.get(id), `seed ${seed}`).toEqual(numbers(1, last.get(id) ?? 0));
  }
  for (const one of all) {
    await reached(one, [...last.keys()]);
    expect(one.breaks()).toBeGreaterThan(0);
    expect([...one.seen.keys()].sort()).toEqual([...last.keys()].sort());
    for (const [id, seq] of last) {
      expect(one.seen.get(id), `seed ${seed}`).toEqual(numbers(id === old ? oldSeq + 1 : 1, seq));
    }
  }
}, 120_000);
