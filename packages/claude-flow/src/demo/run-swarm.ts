import type { Stack } from '@claude-flow/local-stack/stack';
import type { ClaudeFlowClient } from '../client/client.ts';
import { chooseModel } from '../local/model-choice.ts';
import type { LiveProgress } from '../terminal/live-progress.ts';
import type { SwarmProgress } from '../terminal/progress-state.ts';
import { surfaceOf } from '../terminal/surface.ts';
import { followSwarm } from './follow-swarm.ts';
import { renderReport } from './report.ts';
import { saveArtifacts, shownFolder } from './save-artifacts.ts';

export interface RunSwarmDeps {
  env: NodeJS.ProcessEnv;
  cwd: string;
  stdout: NodeJS.WriteStream;
  client: ClaudeFlowClient;
  /** Null without authentication. */
  key: string | null;
  progress: LiveProgress;
  workers: Stack['workers'];
  signal: AbortSignal;
}

/** A real model takes minutes over what the simulated one does in seconds. */
const SWARM_TIMEOUT_MS = 1_800_000;
/** Telling a swarm to stop before its processes are ended; they end without it, too. */
const STOP_SWARM_MS = 2_000;

function whoRanWhat(tasks: SwarmProgress['tasks'], workers: Stack['workers']) {
  const ran = Map.groupBy(Object.values(tasks), (task) => task.workerId ?? '');
  return [...ran]
    .filter(([workerId]) => workerId !== '')
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([workerId, its]) => {
      const process = workers.find((worker) => worker.name === workerId);
      const worker = process === undefined ? workerId : `${workerId} (pid ${process.pid})`;
      return { worker, taskIds: its.map((task) => task.id) };
    });
}

/**
 * One swarm, from the objective to the report.
 * @returns whether it completed
 * @throws the signal's reason, when the swarm has been told to stop
 */
export async function runSwarm(deps: RunSwarmDeps, objective: string): Promise<boolean> {
  const { stdout, env, cwd, client, key, progress, signal } = deps;
  const wish = { autoStart: true, timeout: SWARM_TIMEOUT_MS, signal };
  const { swarmId } = await client.createSwarm(objective, wish);
  try {
    await followSwarm({ apiUrl: client.baseUrl, key, progress, signal }, swarmId);
  } catch (error) {
    await client.stopSwarm(swarmId, { signal: AbortSignal.timeout(STOP_SWARM_MS) }).catch(() => {});
    throw error;
  }
  const [{ data: swarm }, { tasks }, { results }] = await Promise.all([
    client.getSwarmStatus(swarmId, { signal }),
    client.getTasks(swarmId, { signal }),
    client.getResults(swarmId, { signal }),
  ]);
  const saved = await saveArtifacts({ client, signal }, swarmId, tasks, cwd);
  const choice = chooseModel(env);
  const lines = renderReport(
    {
      swarm,
      tasks,
      results,
      saved,
      folder: shownFolder(saved.folder, cwd),
      ranOn: whoRanWhat(progress.state.tasks, deps.workers),
      modelSentence: swarm.usage.outputTokens > 0 ? choice.sentence : choice.unanswered,
    },
    surfaceOf(stdout, env),
  );
  stdout.write(`\n${lines.join('\n')}\n`);
  return swarm.status === 'completed';
}
