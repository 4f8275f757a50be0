import { cutText } from '@claude-flow/core/domain/cut-text';
import { errorMessage } from '@claude-flow/core/domain/errors';
import type { ArtifactEntry } from '@claude-flow/core/domain/task';
import { createDeltaPublisher } from '@claude-flow/core/relay/deltas';
import { storeArtifact } from '@claude-flow/core/store/artifacts';
import { noteModelWait } from '@claude-flow/core/store/model-waits';
import { createAskPeople } from '../agent/ask-people.ts';
import { runAgent } from '../agent/run-agent.ts';
import { guardedWrite } from '../lease/guarded-write.ts';
import type { HeldTask } from '../lease/held-task.ts';
import type { Submission } from '../tools/submit-result.ts';
import { REFUSAL_CHARS, TOLD_WAIT_MS } from '../tunables.ts';
import { createWorkspace, type StoreFile, type Workspace } from '../workspace/workspace.ts';
import type { Attempt } from './attempt.ts';
import type { AttemptOutcome } from './attempt-outcome.ts';
import { doubtsOf } from './doubts.ts';
import { conflictsLeft, unsettled } from './file-conflicts.ts';
import { type Prepared, prepareAttempt } from './prepare-attempt.ts';
import type { ProcessorDeps } from './processor-deps.ts';
import { completionData, taskResult } from './task-result.ts';

/**
 * Runs the agent of a claimed task to its result, from wherever its journal stands.
 * @throws ClaudeFlowError when the task fails; the reason with which its work, or this worker, was told to stop
 */
export async function runAttempt(deps: ProcessorDeps, attempt: Attempt): Promise<AttemptOutcome> {
  const { task, spec } = attempt;
  const startedAt = performance.now();
  deps.drain.throwIfAborted();
  const workspace = await createWorkspace(deps.workspaceHome, `${spec.id}.${task.claim.attempt}`);
  try {
    const prepared = await prepareAttempt(deps, attempt, workspace);
    const submission = await converse(deps, attempt, prepared, workspace);
    const artifacts = await workspace.changes(storing(deps, task, false));
    await announce(deps, task, workspace, artifacts);
    const there = new Set(workspace.list().map(({ path }) => path));
    const files = { mayWrite: mayWrite(prepared), artifacts, there: (path: string) => there.has(path) };
    for (const doubt of doubtsOf(submission, files))
      attempt.swarmLog.write('warn', `"${spec.name}": ${doubt}`);
    const left = unsettled(prepared.conflicts, artifacts);
    if (left.length > 0) attempt.swarmLog.write('warn', conflictsLeft(spec.name, left));
    const result = taskResult(submission, artifacts);
    const { pinned, journal } = prepared;
    const durationMs = performance.now() - startedAt;
    return {
      result,
      data: completionData(result, { spec, durationMs, pinned, replay: journal.replay }),
    };
  } finally {
    await workspace.remove();
  }
}

function mayWrite({ toolbox }: Prepared): boolean {
  return toolbox.names.some((name) => toolbox.get(name)?.class === 'write');
}

async function converse(
  deps: ProcessorDeps,
  { task, state, log, swarmLog }: Attempt,
  { journal, pinned, toolbox }: Prepared,
  workspace: Workspace,
): Promise<Submission> {
  const { swarmId, taskId, attempt } = task.claim;
  const agentId = state.agentId ?? '';
  const deltas = createDeltaPublisher(deps.ledger, { swarmId, taskId, agentId, attempt });
  let waits = 0;
  let toldOfPrice = false;
  try {
    return await runAgent(
      {
        client: deps.client,
        metrics: deps.metrics,
        journal,
        toolbox,
        workspace,
        store: storing(deps, task, false),
        askPeople: createAskPeople(deps.ledger, task),
        search: deps.search,
        effort: { usedMs: 0 },
        attempt,
        signal: task.work,
        drain: AbortSignal.any([deps.drain, task.boundary]),
        onText: (text) => deltas.write(text),
        onRetry({ failure, delayMs }) {
          const again = `${failure.sentence} Trying again in ${(delayMs / 1000).toFixed(1)} s.`;
          log.warn({ kind: failure.kind, delayMs }, again);
          swarmLog.write('warn', again);
          if (delayMs < TOLD_WAIT_MS) return;
          waits += 1;
          const wait = { number: waits, waitMs: delayMs, reason: failure.sentence };
          noteModelWait(deps.ledger, task.claim, wait).catch((error: unknown) =>
            log.debug({ reason: errorMessage(error) }, 'A wait for the model was not told'),
          );
        },
        onNotice(sentence) {
          log.warn(sentence);
          swarmLog.write('warn', sentence);
        },
        onRefused(refusals) {
          const [{ tool, message } = { tool: '', message: '' }, ...more] = refusals;
          const others = more.length === 0 ? '' : ` (and ${more.length} more of this turn)`;
          swarmLog.write(
            'info',
            `A call of ${tool} was refused or failed: ${cutText(message, REFUSAL_CHARS)}${others}`,
          );
        },
        onUnpriced(model) {
          if (toldOfPrice) return;
          toldOfPrice = true;
          log.info({ model }, 'The model is not in the price list; its cost counts as 0');
        },
      },
      pinned,
    );
  } finally {
    deltas.flush();
  }
}

/** Files of the result become visible one by one, as what the task made. */
async function announce(
  deps: ProcessorDeps,
  task: HeldTask,
  workspace: Workspace,
  artifacts: readonly ArtifactEntry[],
): Promise<void> {
  const store = storing(deps, task, true);
  for (const { path, mode } of artifacts) await store({ path, mode, content: await workspace.read(path) });
}

function storing(deps: ProcessorDeps, task: HeldTask, visible: boolean): StoreFile {
  return (file) => guardedWrite(task.work, () => storeArtifact(deps.ledger, task.claim, file, visible));
}
