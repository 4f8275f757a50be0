import type { SwarmEvent } from '@claude-flow/core/contracts/swarm-event';
import { publishControl } from '@claude-flow/core/relay/control';
import { RECONNECT_GRACE_MS } from '@claude-flow/core/runtime/tunables';
import { readEvents } from '@claude-flow/core/store/events';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { stopSwarm } from '@claude-flow/core/store/swarms';
import type { ManagedProcess } from '@claude-flow/local-stack/processes/managed-process';
import type { PrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import type { Stack } from '@claude-flow/local-stack/stack';
import { type RedisProxy, startRedisProxy } from '@claude-flow/testing/redis-proxy';
import { waitFor } from '@claude-flow/testing/wait-for';

/** A running system, and what every fault does with it. */
export interface Scene {
  stack: Stack;
  redis: PrivateRedis;
  ledger: Ledger;
  /** The ways to Redis of the processes that run. */
  ways(whose: 'schedulers' | 'workers' | 'schedulers and workers'): RedisProxy[];
  /** Three workers and two schedulers run, swarms of earlier rounds are ended, and the watch trusts the list of connections. */
  settled(): Promise<void>;
  /** Starts a scheduler behind a proxy of its own. */
  startScheduler(): Promise<ManagedProcess>;
  /** A swarm of one task, whose first model call is never answered. */
  hanging(): Promise<string>;
  /** A swarm of so many steps, one after the other; the tasks of a step, so many, side by side. */
  swarm(steps: number, width: number): Promise<string>;
  /** A swarm to be planned. */
  unplanned(): Promise<string>;
  /** From now on the model takes so long for an answer, and never answers so many calls for a plan. */
  model(how: { latencyMs?: number; plansHung?: number }): Promise<void>;
  /** Resolves when a scheduler waits for the model's plan. */
  planning(): Promise<void>;
  /** The first event that fits, by the ledger's clock. */
  event(swarmId: string, what: string, fits: (event: SwarmEvent) => boolean): Promise<SwarmEvent>;
  /** The process that started the newest attempt. */
  workerOf(swarmId: string): Promise<ManagedProcess>;
  close(): Promise<void>;
}

const WORKERS = 3;
const SCHEDULERS = 2;
const DEADLINE_MS = 60_000;
const CONNECT_MS = 3_000;
const PAGE = 10_000;

export function createScene(stack: Stack, redis: PrivateRedis, ledger: Ledger): Scene {
  const proxies = new Map<ManagedProcess, RedisProxy>();
  const begun: string[] = [];
  const events = (swarmId: string) => readEvents(ledger, swarmId, 0, PAGE);
  const running = (processes: ManagedProcess[]) => processes.filter((one) => one.running).length;

  async function behindProxy(start: (env: Record<string, string>) => Promise<ManagedProcess>) {
    const proxy = await startRedisProxy({ targetPort: redis.port, kill: () => undefined });
    const started = await start({ REDIS_URL: proxy.url });
    proxies.set(started, proxy);
    return started;
  }
  const startScheduler = () => behindProxy((env) => stack.startScheduler(env));

  async function create(body: Record<string, unknown>): Promise<string> {
    const { swarmId } = (await post(`${stack.apiUrls[0]}/api/swarm/create`, body)) as { swarmId: string };
    begun.push(swarmId);
    return swarmId;
  }

  return {
    stack,
    redis,
    ledger,
    ways(whose) {
      const { schedulers, workers } = stack;
      const processes = { schedulers, workers, 'schedulers and workers': [...schedulers, ...workers] };
      return processes[whose]
        .filter((one) => one.running)
        .map((one) => proxies.get(one))
        .filter((proxy) => proxy !== undefined);
    },
    startScheduler,
    async settled() {
      for (const swarmId of begun.splice(0)) {
        const end = { reason: 'stopped', message: 'The round is over.' } as const;
        // One that has ended is as good.
        await stopSwarm(ledger, swarmId, end).catch(() => undefined);
        await publishControl(ledger, { type: 'stop', swarmId });
      }
      while (running(stack.workers) < WORKERS) await behindProxy((env) => stack.startWorker(env));
      while (running(stack.schedulers) < SCHEDULERS) await startScheduler();
      // Connections are a little younger than Redis.
      const graceS = (RECONNECT_GRACE_MS + CONNECT_MS) / 1000;
      await waitFor(
        async () => {
          const uptime = /^uptime_in_seconds:(\d+)/m.exec(await ledger.redis.info('server'))?.[1];
          return Number(uptime) > graceS;
        },
        { deadlineMs: DEADLINE_MS, everyMs: 200, what: 'the grace after a start of Redis' },
      );
    },
    async hanging() {
      await rules(stack, [{ match: { agentType: 'coder' }, times: 1, respond: { hang: true } }]);
      return create(steps(1, 1));
    },
    swarm: (count, width) => create(steps(count, width)),
    unplanned: () =>
      create({ objective: 'Research a few short facts', strategy: 'research', autoStart: true }),
    model: ({ latencyMs, plansHung = 0 }) =>
      rules(stack, [
        ...(plansHung === 0
          ? []
          : [{ match: { agentType: 'planner' }, times: plansHung, respond: { hang: true } }]),
        ...(latencyMs === undefined ? [] : [{ respond: { latencyMs } }]),
      ]),
    async planning() {
      await waitFor(
        async () => {
          const { requests } = (await (await fetch(`${stack.mockUrl}/_mock/requests?limit=5`)).json()) as {
            requests: { agentType: string | null; outcome: string }[];
          };
          return requests.some(({ agentType, outcome }) => agentType === 'planner' && outcome === 'open');
        },
        { deadlineMs: DEADLINE_MS, what: 'a call for the plan' },
      );
    },
    event(swarmId, what, fits) {
      let after = 0;
      return waitFor(
        async () => {
          const more = await readEvents(ledger, swarmId, after, PAGE);
          after = more.at(-1)?.seq ?? after;
          return more.find(fits);
        },
        { deadlineMs: DEADLINE_MS, what },
      );
    },
    async workerOf(swarmId) {
      const started = (await events(swarmId)).findLast((event) => event.type === 'task.started');
      const id = String(started?.data['workerId']);
      const worker = stack.workers.find((one) => one.running && one.name === id);
      if (worker === undefined) throw new Error(`There is no process of the worker ${id}.`);
      return worker;
    },
    async close() {
      await stack.stop();
      for (const proxy of proxies.values()) await proxy.close();
    },
  };
}

function steps(count: number, width: number): Record<string, unknown> {
  const keys = Array.from({ length: count }, (_, step) =>
    Array.from({ length: width }, (_, place) => `t${step}-${place}`),
  );
  const tasks = keys.flatMap((step, index) =>
    step.map((key) => ({
      key,
      name: `Task ${key}`,
      description: 'Write something short.',
      agentType: 'coder',
      dependencies: keys[index - 1] ?? [],
    })),
  );
  return { objective: 'Go on whatever happens', autoStart: true, tasks };
}

async function rules(stack: Stack, list: unknown[]): Promise<void> {
  await post(`${stack.mockUrl}/_mock/scenario`, { rules: list });
}

async function post(url: string, body: unknown): Promise<unknown> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
