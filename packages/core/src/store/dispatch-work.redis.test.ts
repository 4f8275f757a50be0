import { startTestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { graph, newSwarm, openLedger, plan } from '../../test/ledger-fixture.ts';
import { spawnAgent } from './agents.ts';
import type { Ledger } from './ledger.ts';
import { startSwarm } from './swarms.ts';
import { dispatchTasks } from './tasks.ts';

/** What the API lets a caller ask for at most. */
const MOST_AGENTS = 50;
const LONGEST_NAME = 'n'.repeat(50);
const LARGEST_CAPABILITIES = { notes: 'x'.repeat(4_000) };

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let ledger: Ledger;
let monitor: Redis;
/** Commands that Redis was given, those of scripts too. */
const commands: string[][] = [];
beforeAll(async () => {
  redis = await startTestRedis();
  ledger = await openLedger(redis.url, redis.prefix);
  monitor = await new Redis(redis.url).monitor();
  monitor.on('monitor', (_time, args: string[]) => commands.push(args));
});
afterAll(async () => {
  monitor?.disconnect();
  ledger?.redis.disconnect();
  await redis?.stop();
});

const poolOf = (swarmId: string) => ledger.redis.hgetall(ledger.keys.swarm(swarmId, 'pool'));

async function started(owner: string, agents: number, over: object = {}): Promise<string> {
  const swarmId = await newSwarm(ledger, { owner, maxAgents: MOST_AGENTS });
  await plan(ledger, swarmId, graph({ a: [] }));
  await startSwarm(ledger, swarmId);
  for (let i = 0; i < agents; i += 1) await spawnAgent(ledger, swarmId, { type: 'coder', ...over });
  return swarmId;
}
const full = (owner: string) =>
  started(owner, MOST_AGENTS, { name: LONGEST_NAME, capabilities: LARGEST_CAPABILITIES });

/** The commands of one dispatch, without what differs by chance: ids, times, tokens. */
async function dispatched(swarmId: string): Promise<{ names: string[]; keys: Set<string> }> {
  const [begin, end] = [`the beginning of ${swarmId}`, `the end of ${swarmId}`];
  const placeOf = (mark: string) => commands.findIndex((args) => args.includes(mark));
  await ledger.redis.echo(begin);
  await dispatchTasks(ledger, swarmId, 1);
  await ledger.redis.echo(end);
  await waitFor(() => placeOf(end) >= 0, { deadlineMs: 5_000, what: 'all that Redis was given' });
  const given = commands.slice(placeOf(begin) + 1, placeOf(end));
  // A call names all keys of its swarm; what it does with them are the commands after it.
  const done = given.filter(([name = '']) => !/^fcall$/i.test(name));
  return {
    names: given.map(([name = '']) => name.toLowerCase()),
    keys: new Set(done.flatMap((args) => args.filter((arg) => arg.startsWith(redis.prefix)))),
  };
}

test('one owner’s dispatch does the same work, and touches none of their keys, whatever agents another owner has', async () => {
  const alone = await dispatched(await started('mine', 1));
  expect(alone.names).toContain('hgetall');
  const theirs = await Promise.all(Array.from({ length: 5 }, () => full('theirs')));
  const beside = await dispatched(await started('mine', 1));
  expect(beside.names).toEqual(alone.names);
  for (const id of theirs) expect([...beside.keys].filter((key) => key.includes(id))).toEqual([]);
});

test('a dispatch beside the most and largest agents reads a few kilobytes of them, in as many commands as beside one', async () => {
  const [one, most] = [await started('mine', 1), await full('theirs')];
  const bytes = Object.entries(await poolOf(most))
    .flat()
    .join('').length;
  expect(Object.keys(await poolOf(most))).toHaveLength(MOST_AGENTS);
  expect(bytes).toBeLessThan(MOST_AGENTS * 150);
  const [few, many] = [await dispatched(one), await dispatched(most)];
  expect(many.names).toEqual(few.names);
  expect([...many.keys].filter((key) => key.endsWith(':capabilities'))).toEqual([]);
});
