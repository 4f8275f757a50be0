import type { SwarmEvent } from '@claude-flow/core/contracts/swarm-event';
import { RECONNECT_GRACE_MS } from '@claude-flow/core/runtime/tunables';
import { readEvents } from '@claude-flow/core/store/events';
import type { Ledger } from '@claude-flow/core/store/ledger';
import type { ManagedProcess } from '@claude-flow/local-stack/processes/managed-process';
import type { Stack } from '@claude-flow/local-stack/stack';
import { waitFor } from '@claude-flow/testing/wait-for';

/** A running system, and what every fault does with it. */
export interface Scene {
  stack: Stack;
  /** Three workers and two schedulers run, and the watch trusts the list of connections. */
  settled(): Promise<void>;
  /** A swarm of some tasks in a row; with `hang`, the model never answers its first call. */
  swarm(tasks: number, hang: boolean): Promise<string>;
  /** A swarm to be planned; resolves when a scheduler waits for the model, which never answers that call. */
  unplanned(): Promise<string>;
  /** The first event that fits, by the ledger's clock. */
  event(swarmId: string, what: string, fits: (event: SwarmEvent) => boolean): Promise<SwarmEvent>;
  /** The process that started the newest attempt. */
  workerOf(swarmId: string): Promise<ManagedProcess>;
}

const WORKERS = 3;
const SCHEDULERS = 2;
const DEADLINE_MS = 60_000;
const CONNECT_MS = 3_000;

export function createScene(stack: Stack, ledger: Ledger): Scene {
  const events = (swarmId: string) => readEvents(ledger, swarmId, 0, 10_000);
  const running = (processes: ManagedProcess[]) => processes.filter((one) => one.running).length;

  return {
    stack,
    async settled() {
      while (running(stack.workers) < WORKERS) await stack.startWorker();
      while (running(stack.schedulers) < SCHEDULERS) await stack.startScheduler();
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
    async swarm(tasks, hang) {
      const rules = hang ? [{ match: { agentType: 'coder' }, times: 1, respond: { hang: true } }] : [];
      await post(`${stack.mockUrl}/_mock/scenario`, { rules });
      const graph = Array.from({ length: tasks }, (_, index) => ({
        key: `t${index}`,
        name: `Task ${index}`,
        description: 'Write something short.',
        agentType: 'coder',
        dependencies: index === 0 ? [] : [`t${index - 1}`],
      }));
      const body = { objective: 'Go on whatever happens', autoStart: true, tasks: graph };
      const { swarmId } = (await post(`${stack.apiUrls[0]}/api/swarm/create`, body)) as { swarmId: string };
      return swarmId;
    },
    async unplanned() {
      const rules = [{ match: { agentType: 'planner' }, times: 1, respond: { hang: true } }];
      await post(`${stack.mockUrl}/_mock/scenario`, { rules });
      const body = { objective: 'Research a few short facts', strategy: 'research', autoStart: true };
      const { swarmId } = (await post(`${stack.apiUrls[0]}/api/swarm/create`, body)) as { swarmId: string };
      await waitFor(
        async () => {
          const { requests } = (await (await fetch(`${stack.mockUrl}/_mock/requests?limit=5`)).json()) as {
            requests: { agentType: string | null; outcome: string }[];
          };
          return requests.some(({ agentType, outcome }) => agentType === 'planner' && outcome === 'open');
        },
        { deadlineMs: DEADLINE_MS, what: 'a call for the plan' },
      );
      return swarmId;
    },
    event: (swarmId, what, fits) =>
      waitFor(async () => (await events(swarmId)).find(fits), { deadlineMs: DEADLINE_MS, everyMs: 10, what }),
    async workerOf(swarmId) {
      const started = (await events(swarmId)).findLast((event) => event.type === 'task.started');
      const id = String(started?.data['workerId']);
      const worker = stack.workers.find((one) => one.running && one.name === id);
      if (worker === undefined) throw new Error(`There is no process of the worker ${id}.`);
      return worker;
    },
  };
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
