import { repositoryEntries } from '@claude-flow/local-stack/entries';
import { startPrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { largeGraphs } from '@claude-flow/testing/loop-holds/large-graphs';
import { type ApiDocument, largestBodies } from '@claude-flow/testing/loop-holds/largest-bodies';
import { type MeasuredProcess, startMeasured } from '@claude-flow/testing/loop-holds/measured-process';
import { Redis } from 'ioredis';
import { median } from '../engine/measure.ts';

const ROUNDS = Number(process.env['HOLDS_ROUNDS'] ?? 5);
const MAX_BODY = 1024 * 1024;
const OBJECTIVE = 'Build a REST API for user management';
/** Rows shown of the many bodies. */
const WORST = 12;
/** What one command of the reference writes. */
const REFERENCE_FIELDS = 10_000;

interface Held {
  what: string;
  status: number;
  /** Processor time, milliseconds: the API's longest turn, and the longest command of Redis. */
  api: number;
  redis: number;
  command: string;
}

interface Scene {
  api: MeasuredProcess;
  redis: Redis;
}

/** The longest command since this was last asked: its name, and milliseconds. */
async function takeLongestCommand(redis: Redis): Promise<{ name: string; ms: number }> {
  const entries = (await redis.slowlog('GET', 1_000)) as [number, number, number, string[]][];
  await redis.slowlog('RESET');
  const commands = entries
    .filter(([, , , [name]]) => name?.toUpperCase() !== 'SLOWLOG')
    .map(([, , us, [name = '', called = '']]) => ({
      name: name.toLowerCase() === 'fcall' ? called.replace(/^claude_flow_[0-9a-f]+_/, '') : name,
      ms: us / 1_000,
    }));
  return commands.reduce((longest, one) => (one.ms > longest.ms ? one : longest), { name: '', ms: 0 });
}

async function held(
  scene: Scene,
  what: string,
  call: () => Promise<Response>,
): Promise<Held & { text: string }> {
  const { api, redis } = scene;
  await api.takeLongestHold();
  await takeLongestCommand(redis);
  const answer = await call();
  const text = await answer.text();
  const { status } = answer;
  const hold = await api.takeLongestHold();
  const { name, ms } = await takeLongestCommand(redis);
  return { what, status, text, api: hold, redis: ms, command: name };
}

const caller =
  ({ api }: Scene) =>
  (method: string, path: string, body?: string) =>
    fetch(`${api.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
    });

function table(rows: readonly Held[], parse: number, write: number): void {
  console.table(
    rows.map(({ what, status, api, redis, command }) => ({
      what,
      status,
      'API held ms': api.toFixed(0),
      'x parsing': (api / parse).toFixed(1),
      'Redis held ms': redis.toFixed(0),
      'x writing': (redis / write).toFixed(1),
      'by (last round)': command,
    })),
  );
}

/** The median of a few rounds of each. */
async function rounds(make: () => Promise<Held[]>): Promise<Held[]> {
  const all: Held[][] = [];
  for (let round = 0; round < ROUNDS; round += 1) all.push(await make());
  return (all.at(-1) ?? []).map((last, i) => ({
    ...last,
    api: median(all.map((rows) => rows[i]?.api ?? 0)),
    redis: median(all.map((rows) => rows[i]?.redis ?? 0)),
  }));
}

/** What a swarm of 10,000 tasks costs those who wait, whatever is done with it. */
async function commands(scene: Scene): Promise<Held[]> {
  const call = caller(scene);
  const graphs = largeGraphs(OBJECTIVE).filter(({ valid }) => valid);
  const rows: Held[] = [];
  for (const { what, text } of graphs)
    rows.push(await held(scene, `create: ${what}`, () => call('POST', '/api/swarm/create', text)));
  const started = graphs.find(({ what }) => what === 'independent tasks, started');
  const created = await held(scene, '', () => call('POST', '/api/swarm/create', started?.text));
  const at = `/api/swarm/${(JSON.parse(created.text) as { swarmId: string }).swarmId}`;
  for (const path of ['', '/tasks', '/graph', '/metrics', '/agents', '/results'])
    rows.push(await held(scene, `GET ${path === '' ? 'the swarm' : path}`, () => call('GET', at + path)));
  const body = JSON.stringify({ name: 'One more', description: 'Do one more thing', type: 'coding' });
  rows.push(await held(scene, 'POST /tasks', () => call('POST', `${at}/tasks`, body)));
  for (const command of ['pause', 'resume', 'stop'])
    rows.push(await held(scene, command, () => call('POST', `${at}/${command}`)));
  rows.push(await held(scene, 'delete', () => call('DELETE', at)));
  return rows;
}

async function worstBodies(scene: Scene): Promise<Held[]> {
  const call = caller(scene);
  const document = (await (await call('GET', '/openapi.json')).json()) as ApiDocument;
  const rows: Held[] = [];
  for (const { method, path, bodies } of largestBodies(document, MAX_BODY)) {
    const placed = path.replaceAll(/\{\w+\}/g, 'task_001');
    for (const { what, text } of bodies)
      rows.push(await held(scene, `${method} ${path}: ${what}`, () => call(method, placed, text)));
  }
  console.log(`${rows.length} bodies of 1 MiB; the ${WORST} that held the API longest:`);
  return rows.sort((a, b) => b.api - a.api).slice(0, WORST);
}

/** How long single requests keep an API process, and Redis, from serving anybody else. */
export async function main(): Promise<void> {
  const server = await startPrivateRedis({ appendOnly: false });
  const redis = new Redis(server.url);
  const env = { PORT: '0', REDIS_URL: server.url, REDIS_PREFIX: 'bench-holds' };
  const api = await startMeasured({ entry: repositoryEntries.api, env });
  const scene = { api, redis };
  try {
    await redis.config('SET', 'slowlog-log-slower-than', '0');
    await redis.config('SET', 'slowlog-max-len', '1000');
    // The first warms up.
    await commands(scene);
    const parse = await api.parseTime(largeGraphs(OBJECTIVE)[0]?.text ?? '');
    const fields = Array.from({ length: REFERENCE_FIELDS }, (_, i) => [`field${i}`, 'x'.repeat(100)]).flat();
    await takeLongestCommand(redis);
    await redis.hset('reference', ...fields);
    const { ms: write } = await takeLongestCommand(redis);
    console.log(
      `References: parsing the largest graph takes ${parse.toFixed(1)} ms of the API's processor time, one HSET of ${REFERENCE_FIELDS} ` +
        `fields ${write.toFixed(1)} ms of Redis. Medians of ${ROUNDS} rounds. Target: 50 ms.`,
    );
    table(await rounds(() => commands(scene)), parse, write);
    table(await worstBodies(scene), parse, write);
  } finally {
    await api.stop();
    redis.disconnect();
    await server.stop();
  }
}
