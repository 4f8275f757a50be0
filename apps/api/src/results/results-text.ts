import type { SwarmState } from '@claude-flow/core/domain/task';
import { listAgents } from '@claude-flow/core/store/agents';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { clientStatus } from '../swarms/swarm-view.ts';
import { type LightTask, tasksWithResults, withoutTexts } from './read-tasks-left.ts';
import { resultsView, said } from './results-view.ts';

/** Entries of an object that become text at once: so many of the largest take a few milliseconds. */
const AT_ONCE = 200;

/**
 * The results of a swarm as the JSON text of their answer, written as it is read: the outputs one by one, which may be many
 * megabytes, then what takes all tasks to know.
 * @param now milliseconds since 1970
 */
export async function* resultsText(ledger: Ledger, swarm: SwarmState, now: number): AsyncGenerator<string> {
  const head = JSON.stringify({ swarmId: swarm.id, status: clientStatus(swarm) });
  yield `${head.slice(0, -1)},"results":{"outputs":{`;
  const all: LightTask[] = [];
  let summary: string | null = null;
  let comma = '';
  for await (const one of tasksWithResults(ledger, swarm.id)) {
    all.push(withoutTexts(one));
    if (one.result === undefined) continue;
    const text = said(one.result);
    if (summary === null && one.task.spec.agentType === 'synthesizer') summary = text;
    yield `${comma}${JSON.stringify(one.task.spec.id)}:${JSON.stringify(text)}`;
    comma = ',';
  }
  const results = new Map(
    all.flatMap(({ task, result }) => (result ? [[task.spec.id, result] as const] : [])),
  );
  const tasks = all.map(({ task }) => task);
  const agents = await listAgents(ledger, swarm.id);
  const { outputs: _, keys, artifacts, ...rest } = resultsView({ swarm, tasks, results, agents }, now);
  yield '},"keys":{';
  yield* entriesText(keys);
  yield '},"artifacts":{';
  yield* entriesText(artifacts);
  yield `},${JSON.stringify({ ...rest, summary }).slice(1)}}`;
}

/** What stands between the braces of an object. */
function* entriesText(object: Readonly<Record<string, unknown>>): Generator<string> {
  const entries = Object.entries(object);
  for (let at = 0; at < entries.length; at += AT_ONCE) {
    const part = JSON.stringify(Object.fromEntries(entries.slice(at, at + AT_ONCE))).slice(1, -1);
    yield at === 0 ? part : `,${part}`;
  }
}
