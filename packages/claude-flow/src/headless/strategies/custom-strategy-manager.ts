import type { ResultsAnswer } from '../../client/index.ts';
import type { HeadlessCoordinator } from '../coordinator.ts';
import type { SwarmWish } from '../wishes.ts';
import { aiTraining } from './ai-training.ts';
import { microservices } from './microservices.ts';
import { securityAudit } from './security-audit.ts';
import type { FixedStrategy, StrategyOutcome } from './strategy.ts';

/** Adds agents and tasks to a swarm through the coordinator. */
export type StrategyFunction = (swarmId: string, objective: string) => unknown;

/**
 * Strategies that a program carries out itself: each adds agents and a task graph to a swarm. `microservices`, `ai-training` and
 * `security-audit` are built in. A swarm that is created with the name of one starts without tasks. In the examples, `strategies`
 * is a CustomStrategyManager and `coordinator` that of a running system.
 * @example
 * const strategies = new CustomStrategyManager(coordinator);
 * strategies.registerStrategy('haiku', async (swarmId, objective) => {
 *   await coordinator.createTask(swarmId, { name: 'Write', description: objective });
 * });
 * const { results } = await strategies.run('haiku', { objective: 'A haiku about queues' });
 */
export class CustomStrategyManager {
  /** The coordinator through which strategies work. */
  readonly coordinator: HeadlessCoordinator;
  /** The registered strategies by name. */
  readonly strategies: Map<string, StrategyFunction> = new Map();

  /**
   * @param coordinator creates, fills and starts the swarms
   * @example
   * const strategies = new CustomStrategyManager(coordinator);
   */
  constructor(coordinator: HeadlessCoordinator) {
    this.coordinator = coordinator;
    this.registerStrategy('microservices', this.microservicesStrategy.bind(this));
    this.registerStrategy('ai-training', this.aiTrainingStrategy.bind(this));
    this.registerStrategy('security-audit', this.securityAuditStrategy.bind(this));
  }

  /**
   * Adds a strategy; one of the same name is replaced.
   * @example
   * strategies.registerStrategy('single', async (swarmId, objective) => {
   *   await coordinator.createTask(swarmId, { name: 'Do it', description: objective });
   * });
   */
  registerStrategy(name: string, strategyFunction: StrategyFunction): void {
    this.strategies.set(name, strategyFunction);
    this.coordinator.addStrategy(name);
  }

  /**
   * Adds agents and tasks to a swarm, which is to be started afterwards. @throws Error for an unknown strategy
   * @example
   * const { swarmId } = await coordinator.createSwarm({ objective: 'Build a shop', strategy: 'microservices' });
   * await strategies.executeStrategy(swarmId, 'microservices', 'Build a shop');
   */
  async executeStrategy(swarmId: string, strategyName: string, objective: string): Promise<unknown> {
    const strategy = this.strategies.get(strategyName);
    if (strategy === undefined) throw new Error(`Unknown strategy: ${strategyName}`);
    return await strategy(swarmId, objective);
  }

  /**
   * Creates a swarm with a strategy, fills it, starts it and waits for its results.
   * @throws Error for an unknown strategy; what `createSwarm` and `waitForCompletion` throw
   * @example
   * const { status } = await strategies.run('security-audit', { objective: 'Audit our login page' }, { timeoutMs: 60_000 });
   */
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

  /**
   * The built-in strategy `microservices`. @returns its name and how many agents and tasks it added
   * @example
   * const { swarmId } = await coordinator.createSwarm({ objective: 'Build something', strategy: 'microservices' });
   * const { tasks } = await strategies.microservicesStrategy(swarmId, 'Build something');
   */
  microservicesStrategy(swarmId: string, _objective: string): Promise<StrategyOutcome> {
    return this.#fill(swarmId, microservices);
  }

  /**
   * The built-in strategy `ai-training`. @returns its name and how many agents and tasks it added
   * @example
   * const { swarmId } = await coordinator.createSwarm({ objective: 'Build something', strategy: 'ai-training' });
   * const { tasks } = await strategies.aiTrainingStrategy(swarmId, 'Build something');
   */
  aiTrainingStrategy(swarmId: string, _objective: string): Promise<StrategyOutcome> {
    return this.#fill(swarmId, aiTraining);
  }

  /**
   * The built-in strategy `security-audit`. @returns its name and how many agents and tasks it added
   * @example
   * const { swarmId } = await coordinator.createSwarm({ objective: 'Build something', strategy: 'security-audit' });
   * const { tasks } = await strategies.securityAuditStrategy(swarmId, 'Build something');
   */
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
