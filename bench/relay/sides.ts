import { fileURLToPath } from 'node:url';
import { batchOfEvent } from '@claude-flow/core/contracts/event-batch';
import { newSwarmId } from '@claude-flow/core/domain/ids';
import { connectRedis } from '@claude-flow/core/redis/connect';
import { createLedger } from '@claude-flow/core/store/ledger';
import { storePlan } from '@claude-flow/core/store/plans';
import { createSwarm, getSwarm, pauseSwarm, resumeSwarm, startSwarm } from '@claude-flow/core/store/swarms';
import { repositoryEntries } from '@claude-flow/local-stack/entries';
import { startProcess } from '@claude-flow/local-stack/processes/managed-process';
import { CHAIN, toTasks } from '../engine/graphs.ts';

/** What brings events to WebSocket clients: our API, or the reference. */
export interface Side {
  name: string;
  url: string;
  pid: number | undefined;
  /** What a client says to get all events from now on, and how many frames it gets before the first of them. */
  greeting(): Promise<{ text?: string; frames: number }>;
  /** Makes one event happen, durably. */
  fire(): Promise<unknown>;
  close(): Promise<void>;
}

export interface OurSide extends Side {
  /** The same process, events with so many bytes of data: of a swarm that nothing else happens to. */
  withLargeEvents(bytes: number): Promise<Side>;
}

/** The API process as it ships. An event is a swarm paused or resumed: a script of the ledger, with its stream. */
export async function startOurs(redisUrl: string): Promise<OurSide> {
  const prefix = 'bench-relay';
  const api = startProcess({
    name: 'api',
    entry: repositoryEntries.api,
    env: {
      PORT: '0',
      REDIS_URL: redisUrl,
      REDIS_PREFIX: prefix,
      MAX_STREAMS_PER_CALLER: '10000',
      MAX_CONNECTIONS: '10000',
      MAX_CONNECTIONS_PER_ADDRESS: '10000',
      // Clients that only count do not answer pings.
      WS_HEARTBEAT: '600000',
    },
  });
  await api.ready;
  const redis = await connectRedis({ url: redisUrl, name: 'bench-relay', mode: 'patient' });
  const ledger = createLedger({ redis, prefix });
  const newSwarm = async () => {
    const id = newSwarmId(Date.now());
    const rest = { name: 'bench', objective: 'Be paused and resumed', options: {} };
    const limits = { maxAgents: 5, timeoutMs: 3_600_000, parallel: true };
    const swarm = { id, owner: 'local', strategy: 'auto', mode: 'centralized', ...rest, ...limits } as const;
    await createSwarm(ledger, swarm, Date.now());
    return id;
  };
  const id = await newSwarm();
  const tasks = toTasks(CHAIN);
  await storePlan(ledger, id, 'bench', { source: 'caller', degraded: false, summary: 'A chain', tasks });
  await startSwarm(ledger, id);
  let paused = false;
  const place = async (swarmId: string) => {
    const swarm = await getSwarm(ledger, swarmId);
    return { seq: swarm?.seq ?? 0, epoch: swarm?.epoch ?? 0 };
  };
  const greeting = (swarmId: string, after: number) => {
    return { text: JSON.stringify({ type: 'subscribe', swarmId, after }), frames: 2 };
  };
  const side = {
    name: 'ours',
    url: api.url,
    pid: api.pid,
    async greeting() {
      return greeting(id, (await place(id)).seq);
    },
    fire() {
      paused = !paused;
      return paused ? pauseSwarm(ledger, id) : resumeSwarm(ledger, id);
    },
    async close() {
      redis.disconnect();
      await api.stop();
    },
  };
  return {
    ...side,
    async withLargeEvents(bytes) {
      const large = await newSwarm();
      const { epoch, ...from } = await place(large);
      let { seq } = from;
      const data = { padding: 'x'.repeat(bytes) };
      const key = ledger.keys.swarm(large, 'events');
      return {
        ...side,
        greeting: async () => greeting(large, seq),
        fire() {
          seq += 1;
          const at = Date.now();
          const text = batchOfEvent({ v: 1, epoch, seq, type: 'task.progress', at, swarmId: large, data });
          const channel = ledger.keys.eventsChannel(large);
          return redis
            .multi()
            .xadd(key, 'MAXLEN', '~', 1_000, `${seq}-0`, 'e', text)
            .publish(channel, text)
            .exec();
        },
      };
    },
  };
}

/** The same frames by the least that does it: one write and one message of Redis, and `ws`. @param text of a frame of ours */
export async function startBare(redisUrl: string, text: string): Promise<Side> {
  const channel = 'bench-bare';
  const server = startProcess({
    name: 'bare',
    entry: fileURLToPath(new URL('./bare-broadcast.ts', import.meta.url)),
    env: { REDIS_URL: redisUrl, CHANNEL: channel },
  });
  await server.ready;
  const redis = await connectRedis({ url: redisUrl, name: 'bench-bare', mode: 'patient' });
  return {
    name: 'bare ws',
    url: server.url,
    pid: server.pid,
    greeting: async () => ({ frames: 0 }),
    fire: () =>
      redis
        .multi()
        .xadd('bench-bare-log', 'MAXLEN', '~', 20_000, '*', 'e', text)
        .publish(channel, text)
        .exec(),
    async close() {
      redis.disconnect();
      await server.stop();
    },
  };
}
