import { ClaudeFlowApiError } from './api-error.ts';
import { type EventStreamOptions, followEvents } from './event-stream.ts';
import { type PageOptions, readPages } from './pages.ts';
import {
  authHeaders,
  DEFAULT_RETRIES,
  DEFAULT_TIMEOUT_MS,
  request,
  requestJson,
  type Transport,
} from './request.ts';
import type {
  CommandAnswer,
  CreatedSwarm,
  CreateSwarmOptions,
  HealthAnswer,
  LogLevel,
  SwarmAnswer,
  SwarmListAnswer,
  SwarmStatus,
  SystemStatsAnswer,
  UsageAnswer,
} from './types.ts';
import type { AgentAnswer, AgentCommandAnswer, AgentStatus, AgentsAnswer, NewAgent } from './types-agents.ts';
import type { ApprovalAnswer, ApprovalInfo, ApprovalStatus, ApprovalsAnswer } from './types-approvals.ts';
import type { SwarmEvent } from './types-events.ts';
import type { CreatedKey, CreateKeyOptions, KeyListAnswer, RevokedKey } from './types-keys.ts';
import type {
  ArtifactsAnswer,
  LogsAnswer,
  ResultsAnswer,
  ResultsPage,
  SwarmMetricsAnswer,
} from './types-results.ts';
import type {
  AddedTask,
  AttemptsAnswer,
  GraphAnswer,
  TaskAnswer,
  TaskCommandAnswer,
  TaskStatus,
  TasksAnswer,
  TurnsAnswer,
} from './types-tasks.ts';
import { sleep } from './waiting.ts';

/** How a client reaches the API. All fields are optional. */
export interface ClientOptions {
  /** Sent as `X-API-Key`. */
  apiKey?: string | null;
  /** A JWT, sent as `Authorization: Bearer`. */
  token?: string;
  /** Sent with every request. */
  headers?: Record<string, string>;
  /** Further tries of what may safely be repeated, on network errors, 429, 502, 503 and 504. Default 4; 0 for none. */
  retries?: number;
  /** Milliseconds one try may take. Default 30,000. */
  timeoutMs?: number;
  /** Instead of the global one. */
  fetch?: typeof globalThis.fetch;
}

/** What every call takes. */
export interface CallOptions {
  /** Aborts the call, which then rejects with the reason of the signal. */
  signal?: AbortSignal;
}

/** Without `limit` and `cursor` a list is whole: the client asks for page after page. */
export type ListOptions = CallOptions & PageOptions;

/** Two calls with the same key create one thing. Without a key the client generates one for each call. */
export interface CreateOptions extends CallOptions {
  idempotencyKey?: string;
}

const DEFAULT_POLL_INTERVAL_MS = 5_000;

/** Unique enough to tell two calls apart; it is no secret. (`randomUUID` is missing in Node 18 and on plain http.) */
function newIdempotencyKey(): string {
  const bytes = new Uint8Array(16);
  if (globalThis.crypto === undefined)
    for (let i = 0; i < bytes.length; i += 1) bytes[i] = Math.random() * 256;
  else globalThis.crypto.getRandomValues(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** `?name=value...` of what is given; several values with commas between. */
function query(values: Record<string, string | number | readonly string[] | undefined>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) given.set(name, String(value));
  const text = given.toString();
  return text === '' ? '' : `?${text}`;
}

const taskPath = (swarmId: string, taskId: string, rest = '') =>
  pathOf(swarmId, `/tasks/${encodeURIComponent(taskId)}${rest}`);
const agentPath = (swarmId: string, agentId: string) =>
  pathOf(swarmId, `/agents/${encodeURIComponent(agentId)}`);
const pathOf = (swarmId: string, rest = '') => `/api/swarm/${encodeURIComponent(swarmId)}${rest}`;

/**
 * The HTTP API, for browsers and Node 18 or later. Every method rejects with a ClaudeFlowApiError when the server refuses or
 * cannot be reached, and with the signal's reason when its `signal` is aborted. An unknown or foreign id is 404
 * (`swarm_not_found`, `task_not_found`, ...); a command that the present state does not allow is 409; a missing permission is 403.
 *
 * In the examples of its methods, `client` is a client and `swarmId` names a swarm of the caller's.
 * @example
 * const client = new ClaudeFlowClient('http://localhost:3000', process.env['API_KEY']);
 * const { swarmId } = await client.createSwarm('Build a REST API for user management', { autoStart: true });
 * const { results } = await client.waitForCompletion(swarmId);
 * console.log(results.summary, results.usage.costUsd);
 */
export class ClaudeFlowClient {
  /** Address of the API, without a slash at the end. */
  baseUrl: string;
  /** The API key that requests carry; null for none. */
  apiKey: string | null;
  readonly #options: ClientOptions;

  /**
   * @param baseUrl address of the API; default `http://localhost:3000`
   * @param apiKey the API key, or options that may hold one
   * @example
   * const withKey = new ClaudeFlowClient('https://swarms.example.com', 'cf_...');
   * const patient = new ClaudeFlowClient('https://swarms.example.com', { apiKey: 'cf_...', retries: 8, timeoutMs: 60_000 });
   */
  constructor(baseUrl = 'http://localhost:3000', apiKey: string | null | ClientOptions = null) {
    const options = typeof apiKey === 'object' && apiKey !== null ? apiKey : { apiKey };
    this.baseUrl = baseUrl.replace(/\/+$/, '');
    this.apiKey = options.apiKey ?? null;
    this.#options = options;
  }

  /**
   * Creates a swarm. It is planned at once, and runs when it is started, or as soon as it is planned with `autoStart`. A call that
   * is repeated after a lost answer does not create a second one.
   * @param objective what is to be done, 10 to 2,000 characters
   * @throws ClaudeFlowApiError 400 `validation_failed` with the fields at fault in `details`; 429 `limit_exceeded`
   * @example
   * const { swarmId } = await client.createSwarm('Build a REST API for user management', {
   *   strategy: 'development',
   *   maxAgents: 4,
   *   budget: { maxCostUsd: 2 },
   * });
   */
  createSwarm(objective: string, options: CreateSwarmOptions = {}): Promise<CreatedSwarm> {
    const { idempotencyKey, signal, ...body } = options;
    return this.#create(
      '/api/swarm/create',
      { objective, ...body },
      {
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        ...(signal === undefined ? {} : { signal }),
      },
    );
  }

  /**
   * Starts a swarm. While it is still being planned, the request is remembered and it starts afterwards.
   * @throws ClaudeFlowApiError 409 when it has been started before or has ended
   * @example
   * const { status } = await client.startSwarm(swarmId);
   */
  startSwarm(swarmId: string, { signal }: CallOptions = {}): Promise<CommandAnswer> {
    return requestJson(this.#transport(), pathOf(swarmId, '/start'), { method: 'POST', signal });
  }

  /**
   * Ends a swarm for good; its running agents are aborted. It then reads `failed` with the reason `stopped`. May be repeated.
   * @throws ClaudeFlowApiError 409 when it has completed or failed by itself
   * @example
   * await client.stopSwarm(swarmId);
   */
  stopSwarm(swarmId: string, { signal }: CallOptions = {}): Promise<CommandAnswer> {
    return this.#command('POST', pathOf(swarmId, '/stop'), signal);
  }

  /**
   * Pauses a swarm: no further task begins, and running agents stop after their present turn. May be repeated.
   * @throws ClaudeFlowApiError 409 when it is not running
   * @example
   * await client.pauseSwarm(swarmId);
   * await client.resumeSwarm(swarmId);
   */
  pauseSwarm(swarmId: string, { signal }: CallOptions = {}): Promise<CommandAnswer> {
    return this.#command('POST', pathOf(swarmId, '/pause'), signal);
  }

  /**
   * Continues a paused swarm where it stopped. May be repeated.
   * @throws ClaudeFlowApiError 409 when it is not paused or running
   * @example
   * await client.pauseSwarm(swarmId);
   * await client.resumeSwarm(swarmId);
   */
  resumeSwarm(swarmId: string, { signal }: CallOptions = {}): Promise<CommandAnswer> {
    return this.#command('POST', pathOf(swarmId, '/resume'), signal);
  }

  /**
   * Stops a swarm if it is running and removes everything about it. May be repeated for a day.
   * @example
   * await client.deleteSwarm(swarmId);
   */
  deleteSwarm(swarmId: string, { signal }: CallOptions = {}): Promise<CommandAnswer<{ id: string }>> {
    return this.#command('DELETE', pathOf(swarmId), signal);
  }

  /**
   * Reads a swarm: status, progress from 0 to 100, usage and times. With `wait` (seconds, at most 55) the answer comes when the status
   * changes, or after that time; at once when the swarm has ended or its status is not `status`.
   * @example
   * const { data } = await client.getSwarmStatus(swarmId, { wait: 20, status: 'executing' });
   * console.log(data.status, data.progress.percentComplete);
   */
  getSwarmStatus(
    swarmId: string,
    { wait, status, signal }: CallOptions & { wait?: number; status?: SwarmStatus } = {},
  ): Promise<SwarmAnswer> {
    const transport = this.#transport();
    const timeoutMs = transport.timeoutMs + (wait ?? 0) * 1_000;
    const path = pathOf(swarmId, query({ wait, status }));
    return requestJson({ ...transport, timeoutMs }, path, { signal });
  }

  /**
   * Reads everything a swarm has produced so far. It is complete once the swarm has completed or failed.
   * @example
   * const { results } = await client.getResults(swarmId);
   * for (const [taskId, output] of Object.entries(results.outputs)) console.log(taskId, output.length);
   */
  getResults(swarmId: string, { signal }: CallOptions = {}): Promise<ResultsAnswer> {
    return requestJson(this.#transport(), pathOf(swarmId, '/results'), { signal });
  }

  /**
   * Reads the results of some tasks, at most `limit` (default 200): for swarms whose results are too large for one answer.
   * @example
   * let cursor: string | null = null;
   * do {
   *   const page: ResultsPage = await client.getResultsPage(swarmId, cursor === null ? {} : { cursor });
   *   console.log(Object.keys(page.results.outputs));
   *   cursor = page.nextCursor;
   * } while (cursor !== null);
   */
  getResultsPage(swarmId: string, { signal, limit = 200, cursor }: ListOptions = {}): Promise<ResultsPage> {
    return this.#list(pathOf(swarmId, `/results${query({ limit, cursor })}`), signal);
  }

  /**
   * Polls the status until the swarm has completed or failed, and returns its results. A swarm that was never started does not
   * end, so set `timeoutMs` when in doubt.
   * @param pollInterval milliseconds between two requests; default 5,000
   * @param options.timeoutMs milliseconds to wait at most; default: no limit
   * @throws ClaudeFlowApiError `timeout` after `timeoutMs`
   * @example
   * const { status, results } = await client.waitForCompletion(swarmId, 500, { timeoutMs: 60_000 });
   */
  async waitForCompletion(
    swarmId: string,
    pollInterval = DEFAULT_POLL_INTERVAL_MS,
    options: CallOptions & { timeoutMs?: number } = {},
  ): Promise<ResultsAnswer> {
    const { signal, timeoutMs = Number.POSITIVE_INFINITY } = options;
    const call = signal === undefined ? {} : { signal };
    const end = Date.now() + timeoutMs;
    for (;;) {
      const { status } = (await this.getSwarmStatus(swarmId, call)).data;
      if (status === 'completed' || status === 'failed') return await this.getResults(swarmId, call);
      const left = end - Date.now();
      if (left <= 0) {
        const message = `Swarm ${swarmId} is still ${status} after ${timeoutMs / 1000} s.`;
        throw new ClaudeFlowApiError(message, { status: 0, code: 'timeout' });
      }
      await sleep(Math.min(pollInterval, left), signal);
    }
  }

  /**
   * Lists your swarms, newest first, one page at a time. With `status` a page may be short or empty without being the last:
   * continue until `nextCursor` is null. `scope: 'all'` lists everyone's, for administrators.
   * @throws ClaudeFlowApiError 403 for `scope: 'all'` without being an administrator
   * @example
   * const { swarms, nextCursor } = await client.listSwarms({ status: ['executing', 'paused'], limit: 20 });
   */
  listSwarms(
    options: CallOptions & {
      limit?: number;
      cursor?: string;
      status?: SwarmStatus | readonly SwarmStatus[];
      scope?: 'own' | 'all';
    } = {},
  ): Promise<SwarmListAnswer> {
    const { signal, ...wanted } = options;
    return requestJson(this.#transport(), `/api/swarms${query(wanted)}`, { signal });
  }

  /**
   * Reads one task, and in `why` the reason why it is not running.
   * @example
   * const { task, why } = await client.getTask(swarmId, 'task_001');
   * console.log(task.status, why);
   */
  getTask(swarmId: string, taskId: string, { signal }: CallOptions = {}): Promise<TaskAnswer> {
    return requestJson(this.#transport(), taskPath(swarmId, taskId), { signal });
  }

  /**
   * Lists the tasks of a swarm in the order of their numbers.
   * @example
   * const { tasks } = await client.getTasks(swarmId, { status: ['running', 'waiting'] });
   */
  getTasks(
    swarmId: string,
    { signal, status, ...page }: ListOptions & { status?: TaskStatus | readonly TaskStatus[] } = {},
  ): Promise<TasksAnswer> {
    const read = (wanted: PageOptions) =>
      this.#list<TasksAnswer>(pathOf(swarmId, `/tasks${query({ status, ...wanted })}`), signal);
    return readPages(page, read, (all, { tasks }) => all.tasks.push(...tasks));
  }

  /**
   * Lists what became of each attempt of a task. It reads all events of the swarm, so do not poll it.
   * @example
   * const { attempts } = await client.getAttempts(swarmId, 'task_001');
   * console.log(attempts.map(({ outcome, turns }) => [outcome, turns]));
   */
  getAttempts(swarmId: string, taskId: string, { signal }: CallOptions = {}): Promise<AttemptsAnswer> {
    return requestJson(this.#transport(), taskPath(swarmId, taskId, '/attempts'), { signal });
  }

  /**
   * Reads what the agent of a task said and did, oldest turn first, at most 50 turns a page. Long texts are shortened.
   * @throws ClaudeFlowApiError 404 when the server is configured not to show it
   * @example
   * const { turns } = await client.getTurns(swarmId, 'task_001', { limit: 10 });
   * console.log(turns.map(({ turn, text, calls }) => [turn, text, calls.map(({ tool }) => tool)]));
   */
  getTurns(
    swarmId: string,
    taskId: string,
    { cursor, limit, signal }: CallOptions & { cursor?: string; limit?: number } = {},
  ): Promise<TurnsAnswer> {
    return requestJson(this.#transport(), taskPath(swarmId, taskId, `/turns${query({ cursor, limit })}`), {
      signal,
    });
  }

  /**
   * Adds a task to a swarm that has not ended, also while it is planned or running. A call that is repeated after a lost answer does
   * not add a second one.
   * @throws ClaudeFlowApiError 400 `validation_failed`; 409 when the swarm has ended or has its greatest number of tasks
   * @example
   * const { taskId } = await client.createTask(swarmId, {
   *   name: 'Document the API',
   *   description: 'Write a page for each route.',
   *   type: 'custom',
   *   dependencies: ['task_001'],
   * });
   */
  createTask(swarmId: string, task: AddedTask, options: CreateOptions = {}): Promise<TaskCommandAnswer> {
    return this.#create(pathOf(swarmId, '/tasks'), task, options);
  }

  /**
   * Reserves a task for one agent of the swarm.
   * @throws ClaudeFlowApiError 409 when the task has begun or ended, or the agent has been terminated
   * @example
   * const { agentId } = await client.spawnAgent(swarmId, { type: 'coder' });
   * await client.assignTask(swarmId, 'task_002', agentId);
   */
  assignTask(
    swarmId: string,
    taskId: string,
    agentId: string,
    { signal }: CallOptions = {},
  ): Promise<TaskCommandAnswer & { agentId: string }> {
    return this.#command('POST', taskPath(swarmId, taskId, '/assign'), signal, { agentId });
  }

  /**
   * Runs a failed or cancelled task again while its swarm has not ended. Tasks that were skipped because of it wait for it again.
   * @throws ClaudeFlowApiError 409 in any other state
   * @example
   * await client.cancelTask(swarmId, 'task_002');
   * await client.retryTask(swarmId, 'task_002');
   */
  retryTask(swarmId: string, taskId: string, { signal }: CallOptions = {}): Promise<TaskCommandAnswer> {
    return requestJson(this.#transport(), taskPath(swarmId, taskId, '/retry'), { method: 'POST', signal });
  }

  /**
   * Cancels a task; its swarm continues without it. May be repeated.
   * @throws ClaudeFlowApiError 409 when the task has completed, failed or been skipped
   * @example
   * await client.cancelTask(swarmId, 'task_002');
   */
  cancelTask(swarmId: string, taskId: string, { signal }: CallOptions = {}): Promise<TaskCommandAnswer> {
    return this.#command('DELETE', taskPath(swarmId, taskId), signal);
  }

  /**
   * Reads the task graph: tasks as nodes with their `level`, and dependencies as edges.
   * @example
   * const { nodes, edges } = await client.getGraph(swarmId);
   * for (const { from, to } of edges) console.log(`${from} -> ${to}`);
   */
  getGraph(swarmId: string, { signal, ...page }: ListOptions = {}): Promise<GraphAnswer> {
    const read = (wanted: PageOptions) =>
      this.#list<GraphAnswer>(pathOf(swarmId, `/graph${query({ ...wanted })}`), signal);
    return readPages(page, read, (all, { nodes, edges }) => {
      all.nodes.push(...nodes);
      all.edges.push(...edges);
    });
  }

  /**
   * Lists the agents that a swarm has or had, oldest first.
   * @example
   * const { agents } = await client.getAgents(swarmId, { status: ['idle', 'busy'] });
   */
  getAgents(
    swarmId: string,
    { signal, status, ...page }: ListOptions & { status?: AgentStatus | readonly AgentStatus[] } = {},
  ): Promise<AgentsAnswer> {
    const read = (wanted: PageOptions) =>
      this.#list<AgentsAnswer>(pathOf(swarmId, `/agents${query({ status, ...wanted })}`), signal);
    return readPages(page, read, (all, { agents }) => all.agents.push(...agents));
  }

  /**
   * Reads one agent, with its success rate (0 to 1) and its average execution time (milliseconds).
   * @example
   * const { agents } = await client.getAgents(swarmId);
   * for (const { id } of agents) console.log((await client.getAgent(swarmId, id.id)).agent.metrics);
   */
  getAgent(swarmId: string, agentId: string, { signal }: CallOptions = {}): Promise<AgentAnswer> {
    return requestJson(this.#transport(), agentPath(swarmId, agentId), { signal });
  }

  /**
   * Adds an idle agent. A call that is repeated after a lost answer does not add a second one.
   * @throws ClaudeFlowApiError 409 `swarm_full` when `maxAgents` agents are alive
   * @example
   * const { agentId } = await client.spawnAgent(swarmId, { type: 'reviewer', name: 'second-reader' });
   */
  spawnAgent(swarmId: string, agent: NewAgent, options: CreateOptions = {}): Promise<AgentCommandAnswer> {
    return this.#create(pathOf(swarmId, '/agents'), agent, options);
  }

  /**
   * Ends an agent; its task goes to another agent. May be repeated.
   * @example
   * const { agentId } = await client.spawnAgent(swarmId, { type: 'tester' });
   * await client.terminateAgent(swarmId, agentId);
   */
  terminateAgent(
    swarmId: string,
    agentId: string,
    { signal }: CallOptions = {},
  ): Promise<AgentCommandAnswer> {
    return this.#command('DELETE', agentPath(swarmId, agentId), signal);
  }

  /**
   * Reads how well a swarm works. Shares are 0 to 1, times milliseconds; null where nothing has been measured yet.
   * @example
   * const { metrics } = await client.getMetrics(swarmId);
   * console.log(metrics.throughput, metrics.reliability);
   */
  getMetrics(swarmId: string, { signal }: CallOptions = {}): Promise<SwarmMetricsAnswer> {
    return requestJson(this.#transport(), pathOf(swarmId, '/metrics'), { signal });
  }

  /**
   * Reads the newest log lines at or above `level`, in the order they were written.
   * @example
   * const { logs } = await client.getLogs(swarmId, { level: 'warn', limit: 50 });
   */
  getLogs(
    swarmId: string,
    { limit, level, signal }: CallOptions & { limit?: number; level?: LogLevel } = {},
  ): Promise<LogsAnswer> {
    const path = pathOf(swarmId, `/logs${query({ limit, level })}`);
    return requestJson(this.#transport(), path, { signal });
  }

  /**
   * Lists the files that completed tasks produced. Sizes are bytes.
   * @example
   * const { artifacts } = await client.listArtifacts(swarmId);
   * console.log(artifacts.map(({ path, size }) => `${path} ${size}`));
   */
  listArtifacts(swarmId: string, { signal, ...page }: ListOptions = {}): Promise<ArtifactsAnswer> {
    const read = (wanted: PageOptions) =>
      this.#list<ArtifactsAnswer>(pathOf(swarmId, `/artifacts${query({ ...wanted })}`), signal);
    return readPages(page, read, (all, { artifacts }) => all.artifacts.push(...artifacts));
  }

  /**
   * Downloads one file that a task produced, unchanged.
   * @throws ClaudeFlowApiError 404 when the task has no such file
   * @example
   * const { artifacts } = await client.listArtifacts(swarmId);
   * for (const { taskId, path } of artifacts) {
   *   const bytes = await client.downloadArtifact(swarmId, taskId, path);
   *   console.log(path, bytes.length);
   * }
   */
  downloadArtifact(
    swarmId: string,
    taskId: string,
    path: string,
    { signal }: CallOptions = {},
  ): Promise<Uint8Array> {
    const file = path.split('/').map(encodeURIComponent).join('/');
    return request(
      this.#transport(),
      pathOf(swarmId, `/artifacts/${encodeURIComponent(taskId)}/${file}`),
      { headers: { Accept: '*/*' }, signal },
      async (answer) => new Uint8Array(await answer.arrayBuffer()),
    );
  }

  /**
   * Lists the decisions that agents have asked people for, oldest first.
   * @example
   * const { approvals } = await client.listApprovals(swarmId, { status: 'pending' });
   */
  listApprovals(
    swarmId: string,
    { status, signal, ...page }: ListOptions & { status?: ApprovalStatus } = {},
  ): Promise<ApprovalsAnswer> {
    const read = (wanted: PageOptions) =>
      this.#list<ApprovalsAnswer>(pathOf(swarmId, `/approvals${query({ status, ...wanted })}`), signal);
    return readPages(page, read, (all, { approvals }) => all.approvals.push(...approvals));
  }

  /**
   * Reads one approval, with the whole input of the tool call it is about.
   * @example
   * const { approvals } = await client.listApprovals(swarmId);
   * for (const { id } of approvals) console.log((await client.getApproval(swarmId, id)).fullInput);
   */
  getApproval(swarmId: string, approvalId: string, { signal }: CallOptions = {}): Promise<ApprovalAnswer> {
    const path = pathOf(swarmId, `/approvals/${encodeURIComponent(approvalId)}`);
    return requestJson(this.#transport(), path, { signal });
  }

  /**
   * Approves or denies what an agent asked for. The first decision counts; the same one may be repeated.
   * @param options.note for the agent: the reason, or the answer to its question
   * @throws ClaudeFlowApiError 409 when it has been decided otherwise, or its task has ended
   * @example
   * const { approvals } = await client.listApprovals(swarmId, { status: 'pending' });
   * for (const { id } of approvals) await client.decideApproval(swarmId, id, 'approve', { note: 'Go ahead.' });
   */
  decideApproval(
    swarmId: string,
    approvalId: string,
    decision: 'approve' | 'deny',
    { note, signal }: CallOptions & { note?: string } = {},
  ): Promise<CommandAnswer<ApprovalInfo>> {
    return requestJson(this.#transport(), pathOf(swarmId, `/approvals/${encodeURIComponent(approvalId)}`), {
      method: 'POST',
      body: note === undefined ? { decision } : { decision, note },
      repeatable: true,
      signal,
    });
  }

  /**
   * Downloads all files of completed tasks as a stream of one tar archive.
   * @param options.layout `merged` (default): one tree with each file at its path; `tasks`: one folder for each task
   * @example
   * let bytes = 0;
   * for await (const piece of await client.downloadArchive(swarmId)) bytes += piece.length;
   */
  downloadArchive(
    swarmId: string,
    { layout, signal }: CallOptions & { layout?: 'merged' | 'tasks' } = {},
  ): Promise<ReadableStream<Uint8Array>> {
    return request(
      this.#transport(),
      pathOf(swarmId, `/artifacts.tar${layout === undefined ? '' : `?layout=${layout}`}`),
      { headers: { Accept: '*/*' }, signal },
      async (answer) => {
        const body = answer.body ?? new Blob([]).stream();
        // The request is over when its headers are there; what is left to be cut off is the reading.
        return signal === undefined ? body : body.pipeThrough(new TransformStream(), { signal });
      },
    );
  }

  /**
   * Reads how many bytes and swarms you have stored, and your limits.
   * @example
   * const { storage } = await client.getUsage();
   * console.log(storage.bytes, storage.limit);
   */
  getUsage({ signal }: CallOptions = {}): Promise<UsageAnswer> {
    return requestJson(this.#transport(), '/api/usage', { signal });
  }

  /**
   * Reads memory (bytes) and uptime (seconds) of the API process that answers, and the number of active swarms.
   * @throws ClaudeFlowApiError 403 without the permission `system:read`
   * @example
   * const { server } = await client.systemStats();
   * console.log(server.activeSwarms);
   */
  systemStats({ signal }: CallOptions = {}): Promise<SystemStatsAnswer> {
    return requestJson(this.#transport(), '/api/system/stats', { signal });
  }

  /**
   * Creates an API key. The key itself is in this answer and nowhere else.
   * @throws ClaudeFlowApiError 403 without `keys:manage`, or for permissions that you lack
   * @example
   * const { keyId, key } = await client.createKey('build server', { permissions: ['swarms:read'], expiresInDays: 1 });
   */
  createKey(name: string, options: CreateKeyOptions = {}): Promise<CreatedKey> {
    const { signal, ...body } = options;
    return requestJson(this.#transport(), '/api/keys', { method: 'POST', body: { name, ...body }, signal });
  }

  /**
   * Lists your API keys, newest first, one page at a time; for administrators everyone's.
   * @throws ClaudeFlowApiError 403 without `keys:manage`
   * @example
   * const { keys } = await client.listKeys({ limit: 50 });
   */
  listKeys(options: CallOptions & { limit?: number; cursor?: string } = {}): Promise<KeyListAnswer> {
    const { limit, cursor, signal } = options;
    return requestJson(this.#transport(), `/api/keys${query({ limit, cursor })}`, { signal });
  }

  /**
   * Revokes an API key. Within 5 seconds every process refuses it, and its open streams end.
   * @throws ClaudeFlowApiError 403 without `keys:manage`; 404 for an unknown key
   * @example
   * const { keyId } = await client.createKey('for one hour');
   * await client.revokeKey(keyId);
   */
  revokeKey(keyId: string, { signal }: CallOptions = {}): Promise<RevokedKey> {
    const path = `/api/keys/${encodeURIComponent(keyId)}`;
    return requestJson(this.#transport(), path, { method: 'DELETE', signal });
  }

  /**
   * Tells whether the API serves requests. Needs no key.
   * @example
   * const { status, version } = await client.health();
   */
  health({ signal }: CallOptions = {}): Promise<HealthAnswer> {
    return requestJson(this.#transport(), '/api/health', { signal });
  }

  /**
   * All events of a swarm, past and future, in order and once each, until its final event. A broken connection is resumed.
   * @throws ClaudeFlowApiError when the server refuses, or stays unreachable over all retries
   * @example
   * for await (const event of client.events(swarmId)) {
   *   console.log(event.seq, event.type, event.taskId);
   * }
   */
  events(swarmId: string, options: EventStreamOptions = {}): AsyncGenerator<SwarmEvent, void, undefined> {
    return followEvents(this.#transport(), swarmId, options);
  }

  #list<T>(path: string, signal: AbortSignal | undefined): Promise<T> {
    return requestJson(this.#transport(), path, { signal });
  }

  /** A command that may be sent again when no answer came. */
  #command<T>(
    method: 'POST' | 'DELETE',
    path: string,
    signal: AbortSignal | undefined,
    body?: unknown,
  ): Promise<T> {
    return requestJson(this.#transport(), path, { method, body, repeatable: true, signal });
  }

  #create<T>(path: string, body: unknown, { idempotencyKey, signal }: CreateOptions): Promise<T> {
    return requestJson(this.#transport(), path, {
      method: 'POST',
      headers: { 'Idempotency-Key': idempotencyKey ?? newIdempotencyKey() },
      body,
      repeatable: true,
      signal,
    });
  }

  #transport(): Transport {
    const { token, headers, retries, timeoutMs, fetch } = this.#options;
    return {
      baseUrl: this.baseUrl,
      headers: {
        ...authHeaders({ apiKey: this.apiKey, token }),
        ...headers,
      },
      fetch: fetch ?? globalThis.fetch,
      retries: retries ?? DEFAULT_RETRIES,
      timeoutMs: timeoutMs ?? DEFAULT_TIMEOUT_MS,
    };
  }
}
