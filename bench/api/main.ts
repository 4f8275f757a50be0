import { fileURLToPath } from 'node:url';
import { repositoryEntries } from '@claude-flow/local-stack/entries';
import { startProcess } from '@claude-flow/local-stack/processes/managed-process';
import { startPrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { median } from '../engine/measure.ts';
import { type Load, load, type Target } from './load.ts';

const ROUNDS = Number(process.env['API_ROUNDS'] ?? 5);
const OBJECTIVE = {
  objective: 'Build a REST API for user management, with tests and a page that explains it',
};

interface Plan {
  what: string;
  lanes: number;
  requests: number;
  restMs?: number;
}

const show = (value: number, digits: number) => value.toFixed(digits);

/** One row: ours and the two references, round by round. */
async function compare(plan: Plan, [ours, bare, redis]: readonly [Target, Target, Target]) {
  const rounds: [Load, Load, Load][] = [];
  const run = (target: Target) => load(target, plan.lanes, plan.requests, plan.restMs);
  for (let round = -1; round < ROUNDS; round += 1) {
    const each: [Load, Load, Load] = [await run(ours), await run(bare), await run(redis)];
    // The first warms up.
    if (round >= 0) rounds.push(each);
  }
  const three = (pick: (one: Load) => number, digits: number) =>
    [0, 1, 2].map((i) => show(median(rounds.map((each) => pick(each[i] as Load))), digits)).join(' / ');
  const ratio = (pick: (one: Load) => number) =>
    [1, 2]
      .map((i) => show(median(rounds.map((each) => pick(each[0]) / pick(each[i] as Load))), 2))
      .join(' / ');
  return {
    what: plan.what,
    'ms p50': three((one) => one.p50, 1),
    'ms p99': three((one) => one.p99, 1),
    'requests/s': three((one) => one.perSecond, 0),
    'ratios of requests/s': ratio((one) => one.perSecond),
    'CPU us each': three((one) => one.micros, 0),
    'one core could/s': three((one) => 1e6 / one.micros, 0),
  };
}

/** One real API process, and the same HTTP server with handlers that do next to nothing. */
export async function main(): Promise<void> {
  const redis = await startPrivateRedis({ appendOnly: true });
  const api = startProcess({
    name: 'api',
    entry: repositoryEntries.api,
    env: { PORT: '0', REDIS_URL: redis.url, REDIS_PREFIX: 'bench-api' },
  });
  const bare = startProcess({
    name: 'bare',
    entry: fileURLToPath(new URL('./bare-server.ts', import.meta.url)),
    env: { REDIS_URL: redis.url },
  });
  try {
    await Promise.all([api.ready, bare.ready]);
    const body = JSON.stringify(OBJECTIVE);
    const post = (server: typeof api, path: string): Target => {
      return { url: server.url, pid: server.pid, method: 'POST', path: () => path, body, status: 201 };
    };
    const creates = [post(api, '/api/swarm/create'), post(bare, '/bare'), post(bare, '/set')] as const;
    const answer = await fetch(`${api.url}/api/swarm/create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const { swarmId } = (await answer.json()) as { swarmId: string };
    const get = (server: typeof api, path: string): Target => {
      return { url: server.url, pid: server.pid, method: 'GET', path: () => path, status: 200 };
    };
    const reads = [get(api, `/api/swarm/${swarmId}`), get(bare, '/bare/x'), get(bare, '/get/x')] as const;
    console.log(
      'Redis with AOF, fsync always; no scheduler or worker runs. "a / b / c": ours / a bare Hono handler / one with one SET (GET). ' +
        `Medians of ${ROUNDS} interleaved rounds. Targets: create p99 <= 25 ms idle; 500/s on one core.`,
    );
    console.table([
      await compare({ what: 'create, idle', lanes: 1, requests: 100, restMs: 5 }, creates),
      await compare({ what: 'create, 20 at once', lanes: 20, requests: 600 }, creates),
      await compare({ what: 'read, 20 at once', lanes: 20, requests: 1_500 }, reads),
      await compare({ what: 'read, 200 at once', lanes: 200, requests: 2_000 }, reads),
    ]);
  } finally {
    await api.stop();
    await bare.stop();
    await redis.stop();
  }
}
