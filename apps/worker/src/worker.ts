import { taskJobSchema } from '@claude-flow/core/contracts/jobs';
import { createCompleter } from '@claude-flow/core/queue/completer';
import { type Consumer, consume } from '@claude-flow/core/queue/consumer';
import { takeTurnsSoon } from '@claude-flow/core/queue/dispatcher';
import { applyFleetCap } from '@claude-flow/core/queue/fleet-cap';
import { QUEUE_NAMES } from '@claude-flow/core/queue/names';
import { createQueues } from '@claude-flow/core/queue/queues';
import { createWorkerPlaces } from '@claude-flow/core/queue/worker-places';
import { type ConnectOptions, connectRedis, isRedisAway } from '@claude-flow/core/redis/connect';
import { subscribeControl } from '@claude-flow/core/relay/control';
import type { Readiness } from '@claude-flow/core/runtime/health-server';
import type { Logger } from '@claude-flow/core/runtime/logger';
import type { Metrics } from '@claude-flow/core/runtime/metrics';
import { type OpenedLedger, openLedger } from '@claude-flow/core/store/open-ledger';
import { workerConnectionName } from '@claude-flow/core/store/workers';
import { createModelClient } from '@claude-flow/llm/client';
import { tellLeftOut } from '@claude-flow/llm/tell-left-out';
import type { WorkerConfig } from './config.ts';
import { drainWorker, within } from './drain.ts';
import { AttemptAborted } from './lease/attempt-aborted.ts';
import { createLeaseKeeper } from './lease/lease-keeper.ts';
import { handleTask } from './processor/handle-task.ts';
import type { ProcessorDeps } from './processor/processor-deps.ts';
import { createSuspects } from './processor/suspects.ts';
import { createRedisTrouble } from './redis-trouble.ts';
import { startRegistration } from './registration.ts';
import { createSearchService } from './tools/search-service.ts';
import { CLOSE_MS, ROOM_BYTES, ROOM_LOOK_EVERY_MS } from './tunables.ts';
import { openWorkspaceHome } from './workspace/leftovers.ts';
import { watchRoom } from './workspace/room.ts';

export interface RunningWorker {
  /** Tasks at hand. */
  readonly running: number;
  readiness(): Promise<Readiness>;
  /** Takes no more tasks and hands back those at hand. */
  drain(): Promise<void>;
  /** After `drain`: ends connections and removes what is left on disk. */
  close(): Promise<void>;
}

/**
 * Connects, and takes tasks until drained.
 * @throws ClaudeFlowError `redis_unavailable`, `config_invalid`
 */
export async function startWorker(
  config: WorkerConfig,
  { log, metrics, execute }: { log: Logger; metrics: Metrics } & Pick<ProcessorDeps, 'execute'>,
): Promise<RunningWorker> {
  const onError = createRedisTrouble(log, config.redisUrl);
  const name = workerConnectionName(config.workerId);
  const { redisUrl: url, redisTls: tls } = config;
  const options: ConnectOptions = { url, tls, name, mode: 'patient', onError };
  const home = await openWorkspaceHome(config.workspaceRoot);
  const opening = openLedger(options, { prefix: config.redisPrefix, metrics, log });
  const { ledger, probe, taking, subscriber } = await withOthers(opening, options).catch(
    async (error: unknown) => {
      await home.remove();
      throw error;
    },
  );
  const { redis } = ledger;
  const queues = createQueues(redis, ledger.keys.queuePrefix, onError, metrics);
  await applyFleetCap(queues, config.fleetCap, log);
  const keeper = createLeaseKeeper({ ledger, log });
  const draining = new AbortController();
  let full = false;
  const concurrency = config.maxConcurrentTasks;
  let consumer: Consumer | undefined;
  const places = createWorkerPlaces({
    total: concurrency,
    // A cap counts agents by their jobs.
    beside: !config.fleetCapped,
    limitJobs: (jobs) => consumer?.limit(jobs),
    onError: (error) => taskFailed(error),
  });
  const taskFailed = (error: unknown, job?: unknown) => {
    if (isRedisAway(error)) onError(error as Error);
    else log.error({ err: error, job }, 'A task could not be handled; the sweep will see to it');
  };
  const deps: ProcessorDeps = {
    ledger,
    queues,
    completer: createCompleter({ ledger, queues }),
    client: createModelClient({ ...config.anthropic, onLeftOut: tellLeftOut(log) }),
    metrics,
    log,
    keeper,
    workerId: config.workerId,
    used: () => registration.used(),
    workspaceHome: home.path,
    models: config.models,
    thinking: config.thinking,
    maxOutputTokens: config.maxOutputTokens,
    cacheControl: config.cacheControl,
    places,
    othersFree: () => registration.othersFree,
    search: createSearchService(),
    suspects: createSuspects(),
    room: {
      get full() {
        return room.full;
      },
      check: () => room.check(),
    },
    drain: draining.signal,
    ...(execute === undefined ? {} : { execute }),
  };

  await subscribeControl(subscriber, ledger.keys.controlChannel, ({ swarmId }) =>
    keeper.cancelSwarm(swarmId),
  );
  const registration = await startRegistration(
    { ledger, log },
    {
      workerId: config.workerId,
      concurrency,
      free: () => (draining.signal.aborted || full ? 0 : places.free),
    },
  );
  const jobs = consume({
    queue: QUEUE_NAMES.task,
    prefix: ledger.keys.queuePrefix,
    redis: taking,
    name: config.workerId,
    schema: taskJobSchema,
    concurrency,
    handle(job) {
      // A job taken is room in the queue for those who wait their turn.
      takeTurnsSoon(deps);
      return places.deliver(handleTask(deps, job));
    },
    onError(error, payload) {
      if (payload === undefined) onError(error);
      else taskFailed(error, payload);
    },
  });

  consumer = jobs;
  // Else it would be the quickest of all to have a free place, and fail the tasks of everybody.
  const room = watchRoom({
    folder: config.workspaceRoot,
    everyMs: ROOM_LOOK_EVERY_MS,
    bytes: ROOM_BYTES,
    onChange(isFull) {
      full = isFull;
      if (full) log.warn({ event: 'workspace.full' }, noRoom(config));
      else log.info({ event: 'workspace.room' }, 'There is room for workspaces again; tasks are taken.');
      void (full ? jobs.pause() : jobs.resume()).catch(onError);
    },
  });

  return {
    get running() {
      return places.atWork.size;
    },
    async readiness() {
      if (draining.signal.aborted) return { ready: false, reason: 'The worker is stopping.' };
      if (room.full) return { ready: false, reason: noRoom(config) };
      return probe.readiness();
    },
    async drain() {
      room.end();
      const done = await drainWorker({
        pause: () => jobs.pause(),
        announce: () => draining.abort(new AttemptAborted('shutdown')),
        keeper,
        async idle() {
          while (places.atWork.size > 0) await Promise.allSettled(places.atWork);
        },
      });
      if (!done)
        log.warn({ tasks: places.atWork.size }, 'Some tasks could not be handed back; their leases run out');
    },
    async close() {
      await within(CLOSE_MS, jobs.close());
      await within(CLOSE_MS, deps.search.close());
      keeper.close();
      if (places.atWork.size === 0) await within(CLOSE_MS, registration.end());
      registration.abandon();
      await within(CLOSE_MS, queues.close());
      for (const connection of [redis, taking, subscriber]) connection.disconnect();
      await home.remove();
    },
  };
}

const noRoom = ({ workspaceRoot }: WorkerConfig) =>
  `The disk of ${workspaceRoot} (WORKSPACE_ROOT) is full. No task is taken until there is room on it.`;

/** One connection each for the ledger, for taking jobs (it blocks), and for listening. */
async function withOthers(opening: Promise<OpenedLedger>, options: ConnectOptions) {
  const opened = await opening;
  const others = { ...options, url: opened.redisUrl };
  try {
    const [taking, subscriber] = await Promise.all([connectRedis(others), connectRedis(others)]);
    return { ...opened, taking, subscriber };
  } catch (error) {
    opened.ledger.redis.disconnect();
    throw error;
  }
}
