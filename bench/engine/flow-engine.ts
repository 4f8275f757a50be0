import { connectRedis, createRedis } from '@claude-flow/core/redis/connect';
import { type FlowJob, FlowProducer, type Job, Queue, Worker } from 'bullmq';
import { type Graph, taskCount } from './graphs.ts';
import { type Engine, measureRun } from './measure.ts';

/**
 * The reference: the same steps by BullMQ's own FlowProducer on the same Redis. Flows are trees, so a first task that
 * several others share (diamond, wide) is a plain job whose handler adds the flow of the rest.
 */
export async function createFlowEngine(
  url: string,
  graph: Graph,
  payload: string,
  places: number,
): Promise<Engine> {
  const redis = await connectRedis({ url, name: 'bench-flow', mode: 'patient' });
  const blocking = createRedis({ url, name: 'bench-flow-worker', mode: 'patient' });
  const prefix = `{bench${Math.random().toString(36).slice(2, 8)}}`;
  const options = { removeOnComplete: true, removeOnFail: true, attempts: 1 };
  const queue = new Queue('flow', {
    connection: redis,
    prefix,
    defaultJobOptions: options,
    skipVersionCheck: true,
  });
  const producer = new FlowProducer({ connection: redis, prefix });
  const dispatchMs: number[] = [];
  const ended = new Map<string, () => void>();
  const lastDone = new Map<string, number>();
  const job = (swarm: string, name: string, children: FlowJob[] = []): FlowJob => ({
    name,
    queueName: 'flow',
    data: { swarm },
    opts: options,
    ...(children.length > 0 ? { children } : {}),
  });

  /** The layers from the second one on, as a tree whose root is the last task. */
  function rest(swarm: string): FlowJob {
    let below: FlowJob[] = [];
    const layers = graph.layers.slice(1);
    for (const [index, width] of layers.entries()) {
      const name = index === layers.length - 1 ? 'last' : 'task';
      below = Array.from({ length: width }, () => job(swarm, name, below));
    }
    return below[0] as FlowJob;
  }

  const worker = new Worker(
    'flow',
    async (one: Job<{ swarm: string }>) => {
      const { swarm } = one.data;
      const since = lastDone.get(swarm);
      if (since !== undefined && one.name !== 'first') dispatchMs.push(performance.now() - since);
      lastDone.set(swarm, performance.now());
      if (one.name === 'first') await producer.add(rest(swarm));
      if (one.name === 'last') {
        const inputs = await one.getChildrenValues();
        if (Object.keys(inputs).length === 0) throw new Error('the last task has no input');
      }
      return payload;
    },
    {
      connection: blocking,
      prefix,
      concurrency: places,
      skipVersionCheck: true,
      removeOnComplete: { count: 0 },
    },
  );
  worker.on('completed', (one) => {
    if (one.name === 'last') ended.get(one.data.swarm)?.();
  });
  worker.on('failed', (_job, error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    process.exitCode = 1;
  });

  let number = 0;
  async function one(): Promise<void> {
    number += 1;
    const swarm = `s${number}`;
    const end = new Promise<void>((resolve) => {
      ended.set(swarm, resolve);
    });
    await queue.add('first', { swarm });
    await end;
    ended.delete(swarm);
    lastDone.delete(swarm);
  }

  return {
    name: 'FlowProducer',
    run: (swarms, inFlight) => measureRun(redis, swarms, inFlight, taskCount(graph), dispatchMs, one),
    close: async () => {
      await worker.close();
      await producer.close();
      await queue.close();
      blocking.disconnect();
      redis.disconnect();
    },
  };
}
