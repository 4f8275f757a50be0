import type { ModelEntry } from '../history.ts';
import type { Random } from '../random.ts';
import type { Cluster } from './cluster.ts';

interface Rule {
  match?: { contains?: string; agentType?: string };
  /** Calls it applies to; without it, all. */
  times?: number;
  respond: Record<string, unknown>;
}

/** Tells the offline model what to do wrong from now on. */
export async function misbehave({ ground }: Pick<Cluster, 'ground'>, rules: Rule[]): Promise<void> {
  const answer = await fetch(`${ground.mock.url}/_mock/scenario`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ rules }),
  });
  if (!answer.ok) throw new Error(`The offline model refused: ${await answer.text()}`);
}

/** A few bytes into a streamed answer, and deep inside it. */
const CUT_AFTER_BYTES = [40, 2_000] as const;
const SLOW_MS = 4_000;
/** As long as one answer may be, and all of it escaped: in the ledger more than it keeps in one piece. */
export const LONG_TEXT = `Long: ${'\u0001'.repeat(50_000)}`;

/** What a provider does wrong, and how each is called in the history. All of it passes, and none may fail a task. */
const SPELLS: Record<string, (random: Random) => Record<string, unknown>> = {
  'model-429': (random) => ({ status: 429, retryAfterSeconds: random.integer(0, 2) }),
  'model-500': () => ({ status: 500 }),
  'model-529': () => ({ status: 529 }),
  'model-hangs': () => ({ hang: true }),
  'model-slow': () => ({ latencyMs: SLOW_MS }),
  'model-cut': (random) => ({ cutAfterBytes: random.integer(...CUT_AFTER_BYTES) }),
  'model-error-in-stream': () => ({ streamError: 'overloaded_error' }),
  'model-endless': () => ({ endless: true }),
  'model-long': () => ({ text: LONG_TEXT }),
  'model-garbage': () => ({
    garbage: 'event: message_start\ndata: {"type": "message_st\n\n<html>502</html>\n\n',
  }),
};

export const SPELL_NAMES = Object.keys(SPELLS);

/** The next few calls, whosever they are, go wrong in this way. */
export async function castSpell(
  cluster: Cluster,
  name: string,
  random: Random,
  times = random.integer(2, 8),
): Promise<void> {
  const respond = SPELLS[name]?.(random);
  if (respond === undefined) throw new Error(`There is no spell ${name}.`);
  cluster.history.add({ kind: 'action', action: name, target: 'model', detail: `${times} calls` });
  await misbehave(cluster, [{ times, respond }]);
}

/** The same in some way. */
export const modelSpell = (cluster: Cluster, random: Random): Promise<void> =>
  castSpell(cluster, random.pick(SPELL_NAMES), random);

const CALLS_AT_MOST = 20_000;
type Call = Omit<ModelEntry, 'kind'> & { at: number };

async function ask<T>({ ground }: Pick<Cluster, 'ground'>, path: string): Promise<T> {
  return (await (await fetch(`${ground.mock.url}/_mock/${path}`)).json()) as T;
}

/** All calls that the offline model has had, oldest first. */
async function allCalls(cluster: Pick<Cluster, 'ground'>): Promise<Call[]> {
  const { requests } = await ask<{ requests: Call[] }>(cluster, `requests?limit=${CALLS_AT_MOST}`);
  return requests.toReversed();
}

/** Those for one swarm: objectives are never alike. */
export async function callsFor(cluster: Pick<Cluster, 'ground'>, objective: string): Promise<Call[]> {
  return (await allCalls(cluster)).filter((call) => call.objective === objective);
}

/** What the offline model counted, into the history: every call, and how many turns were paid twice. */
export async function recordSpend(cluster: Cluster): Promise<void> {
  const { repeatedPrefixes } = await ask<{ repeatedPrefixes: number }>(cluster, 'stats');
  for (const { at, objective, taskId, agentType, turn, prefixHash, outcome } of await allCalls(cluster)) {
    cluster.history.add({ kind: 'model', at, objective, taskId, agentType, turn, prefixHash, outcome });
  }
  cluster.history.add({ kind: 'spend', repeatedPrefixes });
}
