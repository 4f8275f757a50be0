import { type PrivateRedis, startPrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { Redis } from 'ioredis';
import { waitFor } from './wait-for.ts';

const SLOTS = 16_384;
/** Nodes tell each other of one another every second or so. */
const FORMED_DEADLINE_MS = 20_000;

export interface TestRedisCluster {
  /** `redis+cluster://` with all nodes. */
  url: string;
  nodes: readonly PrivateRedis[];
  stop(): Promise<void>;
}

/** A Redis Cluster of masters only, as processes of this machine, formed and ready. */
export async function startTestRedisCluster(size = 3): Promise<TestRedisCluster> {
  const nodes: PrivateRedis[] = [];
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    while (nodes.length < size) {
      const extraArgs = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '5000'];
      nodes.push(await startPrivateRedis({ appendOnly: false, extraArgs }));
    }
    await form(nodes);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `redis+cluster://${nodes.map((node) => `127.0.0.1:${node.port}`).join(',')}`, nodes, stop };
}

async function form(nodes: readonly PrivateRedis[]): Promise<void> {
  const clients = nodes.map((node) => new Redis(node.url));
  try {
    const share = Math.ceil(SLOTS / nodes.length);
    const ports = nodes.map((node) => node.port);
    await Promise.all(
      clients.map(async (client, index) => {
        const last = Math.min((index + 1) * share, SLOTS) - 1;
        await client.call('CLUSTER', 'ADDSLOTSRANGE', String(index * share), String(last));
        await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
      }),
    );
    for (const port of ports) await clients[0]?.call('CLUSTER', 'MEET', '127.0.0.1', String(port));
    const isFormed = async (client: Redis) => {
      const info = String(await client.call('CLUSTER', 'INFO'));
      return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes.length}`);
    };
    const formed = async () => (await Promise.all(clients.map(isFormed))).every(Boolean);
    await waitFor(formed, { deadlineMs: FORMED_DEADLINE_MS, what: 'the cluster to form' });
  } finally {
    for (const client of clients) client.disconnect();
  }
}
