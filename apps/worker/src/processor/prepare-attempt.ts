import { toolPolicySchema } from '@claude-flow/core/contracts/tool-policy';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { type FileConflict, type MergedFiles, mergeFiles } from '@claude-flow/core/domain/merge-files';
import type { ArtifactEntry, SwarmRecord, TaskSpec } from '@claude-flow/core/domain/task';
import { strictestPolicy, type ToolPolicy } from '@claude-flow/core/domain/tool-policy';
import { getSwarm } from '@claude-flow/core/store/swarms';
import { modelFor } from '@claude-flow/llm/models';
import { isPriced } from '@claude-flow/llm/prices';
import { firstMessage, longOutputs } from '../agent/first-message.ts';
import { pinRequest } from '../agent/pin-request.ts';
import type { Pinned } from '../agent/replay.ts';
import { openJournal, type TaskJournal } from '../agent/task-journal.ts';
import { untilAborted } from '../lease/guarded-write.ts';
import { createToolbox, type Toolbox } from '../tools/toolbox.ts';
import { fillWorkspace } from '../workspace/fill-workspace.ts';
import { readUpstream, type Upstream } from '../workspace/read-upstream.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Attempt } from './attempt.ts';
import { conflictsFound } from './file-conflicts.ts';
import type { ProcessorDeps } from './processor-deps.ts';

export interface Prepared {
  journal: TaskJournal;
  pinned: Pinned;
  toolbox: Toolbox;
  /** Paths of which dependencies left different versions: the task may settle them. */
  conflicts: readonly FileConflict<ArtifactEntry>[];
}

/** Gathers all that the agent works with: journal, files, tools, and the request that stays the same. */
export async function prepareAttempt(
  deps: ProcessorDeps,
  { task, spec, swarmLog }: Attempt,
  workspace: Workspace,
): Promise<Prepared> {
  const { ledger } = deps;
  const { swarmId } = task.claim;
  const [swarm, journal, upstream] = await untilAborted(
    task.work,
    Promise.all([getSwarm(ledger, swarmId), openJournal(ledger, task), readUpstream(ledger, swarmId, spec)]),
  );
  if (swarm === undefined) {
    throw new ClaudeFlowError('swarm_not_found', 'The swarm of this task is gone.');
  }
  const merged = mergeFiles(
    upstream.map(({ view, result }) => ({
      id: view.spec.id,
      dependencies: view.spec.dependencies,
      artifacts: result?.artifacts ?? [],
    })),
  );
  const dependencies = upstream.filter(({ view }) => spec.dependencies.includes(view.spec.id));
  const { pinned, files: restored } = journal.replay;
  await fillWorkspace(
    { ledger, swarmId, workspace, signal: task.work },
    { merged, restored, longOutputs: longOutputs(dependencies) },
  );
  requirePrice(swarm, modelFor(deps.models, spec.agentType, swarm.model), pinned);
  const toolbox = createToolbox(spec.requirements.permissions, undefined, policyOf(swarm, spec));
  const { conflicts } = merged;
  if (pinned !== undefined) return { journal, pinned, toolbox, conflicts };
  const fresh = pin(deps, { swarm, spec, dependencies, merged, toolbox });
  await journal.append(fresh);
  if (conflicts.length > 0) swarmLog.write('warn', conflictsFound(spec.name, conflicts));
  return { journal, pinned: fresh, toolbox, conflicts };
}

/** A limit in money that nothing could count towards would be none. @throws ClaudeFlowError `validation_failed` */
function requirePrice(swarm: SwarmRecord, chosen: string, pinned: Pinned | undefined): void {
  const model = pinned?.model ?? chosen;
  if (swarm.budget?.maxCostMicros === undefined || isPriced(model)) return;
  throw new ClaudeFlowError(
    'validation_failed',
    `The swarm has a budget in dollars (budget.maxCostUsd), and the price of the model ${model} is not known. Set budget.maxTokens instead, or choose a model of the price list.`,
  );
}

/** What the swarm's creator and the task's say together. @throws ClaudeFlowError `validation_failed` */
function policyOf({ options }: SwarmRecord, { requirements }: TaskSpec): ToolPolicy {
  const ofSwarm = toolPolicySchema.safeParse(options['toolPolicy'] ?? {});
  if (ofSwarm.success) return strictestPolicy(ofSwarm.data, requirements.toolPolicy);
  // Never guessed at: what was meant to be asked or denied must not be allowed.
  throw new ClaudeFlowError(
    'validation_failed',
    "The swarm's options.toolPolicy is not valid. Create the swarm again with known tools, each allow, ask or deny.",
  );
}

function pin(
  deps: ProcessorDeps,
  from: {
    swarm: SwarmRecord;
    spec: TaskSpec;
    dependencies: Upstream[];
    merged: MergedFiles<ArtifactEntry>;
    toolbox: Toolbox;
  },
): Pinned {
  const { swarm, spec, dependencies, merged, toolbox } = from;
  return pinRequest({
    agentType: spec.agentType,
    model: modelFor(deps.models, spec.agentType, swarm.model),
    thinking: deps.thinking,
    maxOutputTokens: deps.maxOutputTokens,
    cacheControl: deps.cacheControl,
    tools: toolbox.definitions,
    firstMessage: firstMessage({
      objective: swarm.objective,
      spec,
      dependencies,
      files: merged.files.map(({ entry }) => entry),
      conflicts: merged.conflicts,
    }),
  });
}
