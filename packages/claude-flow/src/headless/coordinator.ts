import { EventEmitter } from 'node:events';
import { agentView } from '@claude-flow/api/agents/agent-view';
import { resultsView } from '@claude-flow/api/results/results-view';
import { resumeInPlace } from '@claude-flow/api/swarms/start-swarm';
import { clientStatus, swarmView } from '@claude-flow/api/swarms/swarm-view';
import { taskView } from '@claude-flow/api/tasks/task-view';
import { cutText } from '@claude-flow/core/domain/cut-text';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { isTerminalSwarm, isTerminalTask } from '@claude-flow/core/domain/states';
import type { SwarmRecord } from '@claude-flow/core/domain/task';
import type { AgentType } from '@claude-flow/core/domain/vocabulary';
import { dispatchSwarm } from '@claude-flow/core/queue/dispatcher';
import { publishControl } from '@claude-flow/core/relay/control';
import { assignTask, listAgents, spawnAgent, terminateAgent } from '@claude-flow/core/store/agents';
import { rememberDeletion } from '@claude-flow/core/store/deletions';
import { deleteSwarm, getSwarm, getSwarmState, pauseSwarm, stopSwarm } from '@claude-flow/core/store/swarms';
import { getResult, getTask, listResults, listTasks } from '@claude-flow/core/store/task-reads';
import { readWebhook } from '@claude-flow/core/store/webhooks';
import type { AttemptOutcome } from '@claude-flow/worker/processor/attempt-outcome';
import type { AgentInfo, ResultsAnswer, SwarmDetails, TaskInfo } from '../client/index.ts';
import { addTask } from './add-task.ts';
import type { ExecutionBridge } from './bridge.ts';
import { type CoordinatorConfig, completeConfig, type HeadlessConfig } from './config.ts';
import { createSwarm, startFilledSwarm } from './create-swarm.ts';
import { type Engine, notConnected } from './engine.ts';
import { createExecutions } from './executions.ts';
import { follow } from './follow.ts';
import type { AgentWish, SwarmMade, SwarmWish, TaskOutcome, TaskWish } from './wishes.ts';

/**
 * Swarms, agents and tasks of a running HeadlessSystem, for a program in the same process. Meant to be subclassed: HTTP requests,
 * and every task that this process runs, go through `createSwarm`, `spawnAgent`, `createTask` and `executeTask` of the
 * system's coordinator. Emits every event of every swarm under its type (`task.completed`, ...).
 *
 * Methods reject with a ClaudeFlowError that has the code of the HTTP API's answer: `swarm_not_found`, `task_not_found`,
 * `validation_failed`, a conflict with the present state, or `config_invalid` while it belongs to no running system. In the
 * examples, `coordinator` is that of a running system and `swarmId` names one of its swarms.
 * @example
 * coordinator.on('task.completed', (event) => console.log(event.taskId));
 * const { swarmId } = await coordinator.createSwarm({ objective: 'Build a small calculator', autoStart: true });
 * const { results } = await coordinator.waitForCompletion(swarmId);
 */
export class HeadlessCoordinator extends EventEmitter {
  /** The configuration, completed by the defaults. */
  readonly config: CoordinatorConfig;
  /** The bridge it was constructed with. */
  readonly bridge: ExecutionBridge | undefined;
  readonly #executions = createExecutions();
  readonly #ownStrategies = new Set<string>();
  #engine: Engine | undefined;

  /**
   * @param config the coordinator's part of the configuration, or all of it
   * @param bridge kept as `bridge`, for subclasses
   * @example
   * const own = new HeadlessCoordinator({ maxAgentsPerSwarm: 10 });
   * console.log(own.config.maxAgentsPerSwarm);
   */
  constructor(config: Partial<CoordinatorConfig> | HeadlessConfig = {}, bridge?: ExecutionBridge) {
    super();
    this.config = completeConfig('coordinator' in config ? config : { coordinator: config }).coordinator;
    this.bridge = bridge;
  }

  /**
   * Creates a swarm. With a strategy of the program's own, or with `tasks: []`, it has no tasks yet: add them, then start it.
   * @param objective the request, or its objective alone
   * @example
   * const { swarmId } = await coordinator.createSwarm({ objective: 'Build a small calculator', maxAgents: 3 });
   */
  async createSwarm(objective: SwarmWish | string): Promise<SwarmMade> {
    const wish = typeof objective === 'string' ? { objective } : objective;
    const call = this.#connected().calls.take('createSwarm');
    if (call !== undefined) return (await call.proceed(wish)) as unknown as SwarmMade;
    return createSwarm(this.#connected(), wish, {
      ownStrategies: this.#ownStrategies,
      maxAgentsPerSwarm: this.config.maxAgentsPerSwarm,
    });
  }

  /**
   * Starts a swarm. While it is still being planned, the request is remembered. @throws when it has been started or has no task
   * @example
   * const { status } = await coordinator.startSwarm(swarmId);
   */
  async startSwarm(swarmId: string): Promise<SwarmDetails> {
    const engine = this.#connected();
    const status = await startFilledSwarm(engine, swarmId);
    if (status === 'executing') await dispatchSwarm(engine.api.deps, swarmId);
    return this.getSwarm(swarmId);
  }

  /**
   * Pauses a swarm: no further task begins, and running agents stop after their present turn.
   * @example
   * await coordinator.pauseSwarm(swarmId);
   * await coordinator.resumeSwarm(swarmId);
   */
  async pauseSwarm(swarmId: string): Promise<SwarmDetails> {
    await pauseSwarm(this.#ledger, swarmId);
    return this.getSwarm(swarmId);
  }

  /**
   * Continues a paused swarm where it stopped.
   * @example
   * await coordinator.pauseSwarm(swarmId);
   * await coordinator.resumeSwarm(swarmId);
   */
  async resumeSwarm(swarmId: string): Promise<SwarmDetails> {
    const { deps } = this.#connected().api;
    await resumeInPlace(deps, swarmId);
    await dispatchSwarm(deps, swarmId);
    return this.getSwarm(swarmId);
  }

  /**
   * Ends a swarm for good and aborts its running agents. May be repeated.
   * @example
   * const { status, reason } = await coordinator.stopSwarm(swarmId); // 'failed', 'stopped'
   */
  async stopSwarm(swarmId: string): Promise<SwarmDetails> {
    await stopSwarm(this.#ledger, swarmId, { reason: 'stopped', message: 'Stopped on request.' });
    // Workers that miss this learn it from their next heartbeat.
    await publishControl(this.#ledger, { type: 'stop', swarmId }).catch(() => {});
    return this.getSwarm(swarmId);
  }

  /**
   * Removes a swarm and everything about it. May be repeated.
   * @example
   * await coordinator.deleteSwarm(swarmId);
   */
  async deleteSwarm(swarmId: string): Promise<void> {
    const swarm = await getSwarmState(this.#ledger, swarmId);
    if (swarm !== undefined) await rememberDeletion(this.#ledger, swarm.owner, swarmId);
    await deleteSwarm(this.#ledger, swarmId);
    await publishControl(this.#ledger, { type: 'stop', swarmId }).catch(() => {});
  }

  /**
   * Reads a swarm, in the shape of the HTTP API.
   * @example
   * const { status, progress } = await coordinator.getSwarm(swarmId);
   */
  async getSwarm(swarmId: string): Promise<SwarmDetails> {
    const swarm = await this.#record(swarmId);
    return swarmView(swarm, await readWebhook(this.#ledger, swarmId));
  }

  /**
   * Lists the tasks of a swarm in the order of their numbers.
   * @example
   * for (const task of await coordinator.getTasks(swarmId)) console.log(task.id.id, task.status);
   */
  async getTasks(swarmId: string): Promise<TaskInfo[]> {
    await this.#record(swarmId);
    const [tasks, results] = await Promise.all([
      listTasks(this.#ledger, swarmId),
      listResults(this.#ledger, swarmId),
    ]);
    return tasks.map((task) => taskView(swarmId, task, results.get(task.spec.id)));
  }

  /**
   * Lists the agents that a swarm has or had, oldest first.
   * @example
   * for (const agent of await coordinator.getAgents(swarmId)) console.log(agent.name, agent.metrics.tasksCompleted);
   */
  async getAgents(swarmId: string): Promise<AgentInfo[]> {
    await this.#record(swarmId);
    return (await listAgents(this.#ledger, swarmId)).map((agent) => agentView(swarmId, agent));
  }

  /**
   * Reads everything a swarm has produced so far.
   * @example
   * const { results } = await coordinator.getResults(swarmId);
   * console.log(results.outputs);
   */
  async getResults(swarmId: string): Promise<ResultsAnswer> {
    const swarm = await this.#record(swarmId);
    const [tasks, results, agents] = await Promise.all([
      listTasks(this.#ledger, swarmId),
      listResults(this.#ledger, swarmId),
      listAgents(this.#ledger, swarmId),
    ]);
    return {
      swarmId,
      status: clientStatus(swarm),
      results: resultsView({ swarm, tasks, results, agents }, Date.now()),
    };
  }

  /**
   * Resolves with the results when the swarm has completed or failed.
   * @param options.timeoutMs milliseconds to wait at most; default: no limit
   * @throws a TimeoutError after `timeoutMs`; the reason of `signal` when it is aborted
   * @example
   * const { status } = await coordinator.waitForCompletion(swarmId, { timeoutMs: 60_000 });
   */
  waitForCompletion(
    swarmId: string,
    options: { signal?: AbortSignal; timeoutMs?: number } = {},
  ): Promise<ResultsAnswer> {
    const look = async () => {
      const swarm = await this.#record(swarmId);
      return isTerminalSwarm(swarm.status) ? await this.getResults(swarmId) : undefined;
    };
    return follow(this.#connected(), swarmId, look, options);
  }

  /**
   * Adds an agent. A type of your own works as a specialist.
   * @throws ClaudeFlowError when `maxAgents` agents are alive, or the type is no word of small letters, digits and hyphens
   * @example
   * const agent = await coordinator.spawnAgent(swarmId, { type: 'security-auditor', capabilities: ['scanning'] });
   */
  async spawnAgent(swarmId: string, agent: AgentWish): Promise<AgentInfo> {
    const call = this.#connected().calls.take('spawnAgent');
    if (call !== undefined) return (await call.proceed(agent))['data'] as AgentInfo;
    const { type, name, capabilities } = agent;
    if (!/^[a-z][a-z0-9-]{0,63}$/.test(type)) {
      const message = 'An agent type takes small letters, digits and hyphens.';
      throw new ClaudeFlowError('validation_failed', message, { details: [{ field: 'type', message }] });
    }
    const spawned = await spawnAgent(this.#ledger, swarmId, {
      type: type as AgentType,
      ...(name === undefined ? {} : { name }),
      ...(capabilities === undefined ? {} : { capabilities: byName(capabilities) }),
    });
    await this.#dispatch(swarmId);
    return agentView(swarmId, spawned);
  }

  /**
   * Ends an agent; its task goes to another agent.
   * @example
   * const agent = await coordinator.spawnAgent(swarmId, { type: 'tester' });
   * await coordinator.terminateAgent(swarmId, agent.id.id);
   */
  async terminateAgent(swarmId: string, agentId: string): Promise<AgentInfo> {
    const agent = await terminateAgent(this.#ledger, swarmId, agentId);
    await this.#dispatch(swarmId);
    return agentView(swarmId, agent);
  }

  /**
   * Adds a task to a swarm that has not ended. While the swarm is being planned, the plan's tasks are numbered after it.
   * @example
   * const task = await coordinator.createTask(swarmId, { name: 'Scan', description: 'Look for weak places.', type: 'review' });
   */
  async createTask(swarmId: string, task: TaskWish): Promise<TaskInfo> {
    const call = this.#connected().calls.take('createTask');
    if (call !== undefined) return (await call.proceed(task))['data'] as TaskInfo;
    const added = await addTask(this.#connected(), swarmId, task);
    await this.#dispatch(swarmId);
    return added;
  }

  /**
   * Reserves a task for one agent of the swarm. @throws ClaudeFlowError when the task has begun or ended
   * @example
   * const agent = await coordinator.spawnAgent(swarmId, { type: 'coder' });
   * await coordinator.assignTask(swarmId, 'task_002', agent.id.id);
   */
  async assignTask(swarmId: string, taskId: string, agentId: string): Promise<void> {
    await assignTask(this.#ledger, swarmId, taskId, agentId);
    await this.#dispatch(swarmId);
  }

  /**
   * Runs the agent of a task. The system calls this for every task that its worker takes, once for each attempt; an override may
   * observe it, or return a result (`{ output }`) of its own. Called for any other task, it waits until that task has been done.
   * @throws what made the attempt fail
   * @example
   * class Timed extends HeadlessCoordinator {
   *   override async executeTask(swarmId: string, taskId: string) {
   *     const startedAt = Date.now();
   *     const outcome = await super.executeTask(swarmId, taskId);
   *     console.log(taskId, Date.now() - startedAt);
   *     return outcome;
   *   }
   * }
   * system.coordinator = new Timed(system.config, system.bridge);
   */
  async executeTask(swarmId: string, taskId: string): Promise<TaskOutcome> {
    return this.#executions.begin(swarmId, taskId) ?? this.#elsewhere(swarmId, taskId);
  }

  async #elsewhere(swarmId: string, taskId: string): Promise<TaskOutcome> {
    await this.#dispatch(swarmId);
    return follow(this.#connected(), swarmId, async () => {
      const task = await getTask(this.#ledger, swarmId, taskId);
      if (task === undefined) {
        throw new ClaudeFlowError(
          'task_not_found',
          `This swarm has no task with the id "${cutText(taskId, 60)}".`,
        );
      }
      if (!isTerminalTask(task.state.status)) return undefined;
      const view = taskView(swarmId, task, await getResult(this.#ledger, swarmId, taskId)).result;
      if (view !== null) return view;
      const why = task.state.errorMessage ?? `It is ${task.state.status}.`;
      throw new ClaudeFlowError('task_state_conflict', `Task ${taskId} left no result. ${why}`);
    });
  }

  async #record(swarmId: string): Promise<SwarmRecord> {
    const swarm = await getSwarm(this.#ledger, swarmId);
    if (swarm !== undefined) return swarm;
    throw new ClaudeFlowError('swarm_not_found', `There is no swarm with the id "${cutText(swarmId, 60)}".`);
  }

  async #dispatch(swarmId: string): Promise<void> {
    if ((await this.#record(swarmId)).status === 'executing') {
      await dispatchSwarm(this.#connected().api.deps, swarmId);
    }
  }

  #connected(): Engine {
    if (this.#engine === undefined) throw notConnected('coordinator');
    return this.#engine;
  }

  get #ledger() {
    return this.#connected().api.deps.ledger;
  }

  /** @internal */
  connect(engine: Engine | undefined): void {
    this.#engine = engine;
  }

  /** @internal */
  deliver(
    which: { swarmId: string; taskId: string },
    run: () => Promise<AttemptOutcome>,
  ): Promise<AttemptOutcome> {
    return this.#executions.deliver(which, run, (swarmId, taskId) => this.executeTask(swarmId, taskId));
  }

  /** @internal */
  addStrategy(name: string): void {
    this.#ownStrategies.add(name);
  }
}

function byName(capabilities: Record<string, unknown> | readonly string[]): Record<string, unknown> {
  if (!Array.isArray(capabilities)) return { ...capabilities };
  return Object.fromEntries(capabilities.map((name: string) => [name, true]));
}
