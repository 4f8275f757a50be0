import type { ResultsAnswer } from '../../client/index.ts';
import type { HeadlessCoordinator } from '../coordinator.ts';
import type { SwarmWish } from '../wishes.ts';
import { aiTraining } from './ai-training.ts';
import { microservices } from './microservices.ts';
import { securityAudit } from './security-audit.ts';
import type { FixedStrategy, StrategyOutcome } from './strategy.ts';

/** Gives a swarm its agents and tasks, by the coordinator. */
export type StrategyFunction = (swarmId: string, objective: string) => unknown;

/**
 * Strategies that a program carries out itself: each gives a swarm its agents and its graph of tasks. `microservices`,
 * `ai-training` and `security-audit` are there. A swarm created with the name of one of them starts without tasks.
 */
export class CustomStrategyManager {
  readonly coordinator: HeadlessCoordinator;
  readonly strategies: Map<string, StrategyFunction> = new Map();

  constructor(coordinator: HeadlessCoordinator) {
    this.coordinator = coordinator;
    this.registerStrategy('microservices', this.microservicesStrategy.bind(this));
    this.registerStrategy('ai-training', this.aiTrainingStrategy.bind(this));
    this.registerStrategy('security-audit', this.securityAuditStrategy.bind(this));
  }

  registerStrategy(name: string, strategyFunction: StrategyFunction): void {
    this.strategies.set(name, strategyFunction);
    this.coordinator.addStrategy(name);
  }

  /** Fills a swarm; start it afterwards. @throws Error for a name that nobody registered */
  async executeStrategy(swarmId: string, strategyName: string, objective: string): Promise<unknown> {
    const strategy = this.strategies.get(strategyName);
    if (strategy === undefined) throw new Error(`Unknown strategy: ${strategyName}`);
    return await strategy(swarmId, objective);
  }

  /** Makes a swarm by a strategy, fills it, starts it and waits for its results. */
  async run(
    strategyName: string,
    wish: Omit<SwarmWish, 'strategy'> & { objective: string },
    options: { signal?: AbortSignal; timeoutMs?: number } = {},
  ): Promise<ResultsAnswer> {
    const { swarmId } = await this.coordinator.createSwarm({ ...wish, strategy: strategyName });
    await this.executeStrategy(swarmId, strategyName, wish.objective);
    await this.coordinator.startSwarm(swarmId);
    return this.coordinator.waitForCompletion(swarmId, options);
  }

  microservicesStrategy(swarmId: string, _objective: string): Promise<StrategyOutcome> {
    return this.#fill(swarmId, microservices);
  }

  aiTrainingStrategy(swarmId: string, _objective: string): Promise<StrategyOutcome> {
    return this.#fill(swarmId, aiTraining);
  }

  securityAuditStrategy(swarmId: string, _objective: string): Promise<StrategyOutcome> {
    return this.#fill(swarmId, securityAudit);
  }

  async #fill(swarmId: string, { name, agents, tasks }: FixedStrategy): Promise<StrategyOutcome> {
    for (const agent of agents) await this.coordinator.spawnAgent(swarmId, agent);
    const ids = new Map<string, string>();
    for (const { after = [], ...task } of tasks) {
      const dependencies = after.flatMap((earlier) => ids.get(earlier) ?? []);
      const { id } = await this.coordinator.createTask(swarmId, { ...task, dependencies });
      ids.set(task.name, id.id);
    }
    return { strategy: name, agents: agents.length, tasks: tasks.length };
  }
}
