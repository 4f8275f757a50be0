import type { StoredPlan } from '@claude-flow/core/contracts/plan';
import { errorMessage } from '@claude-flow/core/domain/errors';
import type { TaskDefaults } from '@claude-flow/core/domain/plan-to-tasks';
import { budgetShare, type SwarmRecord, type Usage } from '@claude-flow/core/domain/task';
import { AGENT_TYPES } from '@claude-flow/core/domain/vocabulary';
import { addUsage, NO_USAGE } from '@claude-flow/llm/cost';
import { classifyModelError } from '@claude-flow/llm/model-errors';
import { type ModelChoice, modelFor } from '@claude-flow/llm/models';
import { isPriced } from '@claude-flow/llm/prices';
import { applyOptions, planOptions } from './apply-options.ts';
import { type AskDeps, askModel } from './ask-model.ts';
import { MAX_PLANNED_TASKS } from './check-plan.ts';
import { finishPlan, type PlanOutcome } from './finish-plan.ts';
import { type ModelPlan, type PlanAnswer, planWithModel } from './model-plan.ts';
import { isHopeless, PlanRejected } from './plan-rejected.ts';
import { resolveStrategy, type StrategyRegistry } from './strategies/registry.ts';
import { PLANNING_BUDGET_MS, PLANNING_SHARE_OF_TIMEOUT } from './tunables.ts';

export interface PlannerDeps extends AskDeps {
  models: ModelChoice;
  strategies: StrategyRegistry;
  taskDefaults: TaskDefaults;
  /** Milliseconds that all calls for one plan may take together. */
  budgetMs?: number;
}

/** What the holder of the plan lease lends to the planner. */
export interface PlanWork {
  /** The plan is not wanted any more, or is somebody else's. */
  signal: AbortSignal;
  /** Is it still ours to make? Aborts `signal` when not. */
  confirm(): Promise<boolean>;
  /** Tells the swarm's owner something. */
  tell(level: 'info' | 'warn', message: string): Promise<void>;
  /** What keeps the plan from being made at present, for whoever reads the swarm; '' when nothing does any more. */
  tellTrouble(sentence: string): void;
}

/**
 * Makes a swarm's plan: by the planning model, or by the strategy's template when the model is of no use.
 * @throws the reason of `work.signal`; `PlanRejected` when the provider refuses the key or the model
 */
export async function makePlan(deps: PlannerDeps, swarm: SwarmRecord, work: PlanWork): Promise<StoredPlan> {
  const { strategy, reason } = resolveStrategy(deps.strategies, swarm.strategy, swarm.objective);
  if (reason !== undefined) await work.tell('info', reason);
  const options = planOptions(swarm.options, strategy);
  const question = {
    objective: swarm.objective,
    strategy,
    options,
    limits: { maxTasks: MAX_PLANNED_TASKS, agentTypes: new Set<string>(AGENT_TYPES) },
    maxAgents: swarm.maxAgents,
  };
  const model = modelFor(deps.models, 'planner', swarm.model);
  await work.tell('info', `Planning with strategy ${strategy.name} and model ${model}.`);

  const answer =
    swarm.budget?.maxCostMicros === undefined || isPriced(model)
      ? await withinBudget(deps, swarm, work, (ask) => planWithModel(question, model, ask))
      : { why: `the swarm has a budget in dollars, and the price of ${model} is not known`, usage: NO_USAGE };
  work.signal.throwIfAborted();
  const outcome: PlanOutcome =
    answer.plan === undefined
      ? {
          plan: strategy.template(swarm.objective),
          source: 'template',
          degradedReason: `The planning model was of no use (${answer.why}); the template of strategy ${strategy.name} is the plan.`,
          usage: answer.usage,
        }
      : { plan: answer.plan, source: 'model', mended: answer.mended, usage: answer.usage };
  return finishPlan({ ...outcome, plan: applyOptions(outcome.plan, options) }, deps.taskDefaults);
}

const USED_UP = 'the budget of the swarm is used up';

/** Lets the model plan for a bounded time; what goes wrong with it, unless it is hopeless, becomes the reason for the template. */
async function withinBudget(
  deps: PlannerDeps,
  swarm: SwarmRecord,
  work: PlanWork,
  plan: (ask: (request: Parameters<typeof askModel>[1]) => Promise<PlanAnswer>) => Promise<ModelPlan>,
): Promise<ModelPlan> {
  const budgetMs = Math.min(
    deps.budgetMs ?? PLANNING_BUDGET_MS,
    Math.round(swarm.timeoutMs * PLANNING_SHARE_OF_TIMEOUT),
  );
  const until = performance.now() + budgetMs;
  const timeUp = new AbortController();
  const timer = setTimeout(() => timeUp.abort(new Error('time is up')), budgetMs);
  const signal = AbortSignal.any([work.signal, timeUp.signal]);
  let usage = NO_USAGE;
  const count = (more: Usage) => {
    usage = addUsage(usage, more);
  };
  const requireBudget = () => {
    if (swarm.budget !== undefined && budgetShare(swarm.budget, usage) >= 1) throw new Error(USED_UP);
  };
  let trouble = '';
  try {
    const made = await plan(async (request) => {
      requireBudget();
      const answer = await askModel(deps, request, {
        swarmId: swarm.id,
        signal,
        until,
        confirm: work.confirm,
        requireBudget,
        onFailed: count,
        onRetry({ failure }) {
          // Said once, and again when it is something else; the swarm's state says it as long as it lasts.
          if (failure.sentence !== trouble)
            void work.tell('warn', `The plan has to wait: ${failure.sentence}`);
          trouble = failure.sentence;
          work.tellTrouble(`The plan has to wait: ${failure.sentence}`);
        },
      });
      count(answer.usage);
      trouble = '';
      work.tellTrouble('');
      return answer;
    });
    // Calls that failed are in it too.
    return { ...made, usage };
  } catch (error) {
    work.signal.throwIfAborted();
    const failure = classifyModelError(error);
    if (!timeUp.signal.aborted) {
      deps.log.warn({ err: error, swarmId: swarm.id }, 'The planning model failed');
      if (isHopeless(error)) throw new PlanRejected(failure.sentence, usage);
    }
    const seconds = Math.round(budgetMs / 100) / 10;
    const late = `it gave no plan within ${seconds} seconds${trouble === '' ? '' : `: ${trouble}`}`;
    const why = timeUp.signal.aborted ? late : failure.sentence || errorMessage(error);
    return { why: why.replace(/\.$/, ''), usage };
  } finally {
    work.tellTrouble('');
    clearTimeout(timer);
  }
}
