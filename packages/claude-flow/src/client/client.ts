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

export interface CallOptions {
  signal?: AbortSignal;
}

/** Without `limit` and `cursor` a list is whole: the client asks for page after page. */
export type ListOptions = CallOptions & PageOptions;

/** Two calls with the same key make one thing; one is made up for each call when left out. */
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
 * The HTTP API, for browsers and Node 18 or later. Every method throws a ClaudeFlowApiError when the server refuses or
 * cannot be reached, and the signal's reason when its `signal` is aborted.
 */
export class ClaudeFlowClient {
  baseUrl: string;
  apiKey: string | null;
  readonly #options: ClientOptions;

  /** @param apiKey the key, or options that hold it */
  constructor(baseUrl = 'http://localhost:3000', apiKey: string | null | ClientOptions = null) {
    const options = typeof apiKey === 'object' && apiKey !== null ? apiKey : { apiKey };
    this.baseUrl = baseUrl.replace(/\/+$/, '');
    this.apiKey = options.apiKey ?? null;
    this.#options = options;
  }

  /** Makes a swarm; it works once started, or at once with `autoStart`. Safe against double creation. */
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

  startSwarm(swarmId: string, { signal }: CallOptions = {}): Promise<CommandAnswer> {
    return requestJson(this.#transport(), pathOf(swarmId, '/start'), { method: 'POST', signal });
  }

  /** Ends a swarm; its running agents are cut off. Stopping a stopped one is fine. */
  stopSwarm(swarmId: string, { signal }: CallOptions = {}): Promise<CommandAnswer> {
    return this.#command('POST', pathOf(swarmId, '/stop'), signal);
  }

  /** No task begins any more; agents at work stop after their present turn. Pausing a paused swarm is fine. */
  pauseSwarm(swarmId: string, { signal }: CallOptions = {}): Promise<CommandAnswer> {
    return this.#command('POST', pathOf(swarmId, '/pause'), signal);
  }

  /** A paused swarm goes on where it stood. */
  resumeSwarm(swarmId: string, { signal }: CallOptions = {}): Promise<CommandAnswer> {
    return this.#command('POST', pathOf(swarmId, '/resume'), signal);
  }

  /** Stops a swarm if need be, and removes all of it. Deleting a deleted one is fine, for a day. */
  deleteSwarm(swarmId: string, { signal }: CallOptions = {}): Promise<CommandAnswer<{ id: string }>> {
    return this.#command('DELETE', pathOf(swarmId), signal);
  }

  /**
   * A swarm and how far it is. With `wait` (seconds, at most 55) the answer comes as soon as its status changes, or after that
   * time; at once when it has ended, or has another status than `status`.
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

  /** All that a swarm has made so far; complete when it has completed or failed. */
  getResults(swarmId: string, { signal }: CallOptions = {}): Promise<ResultsAnswer> {
    return requestJson(this.#transport(), pathOf(swarmId, '/results'), { signal });
  }

  /** Results of some tasks: for swarms whose results are too large to be taken at once. */
  getResultsPage(swarmId: string, { signal, limit = 200, cursor }: ListOptions = {}): Promise<ResultsPage> {
    return this.#list(pathOf(swarmId, `/results${query({ limit, cursor })}`), signal);
  }

  /**
   * Asks for the status until the swarm has completed or failed, and gives its results. A swarm that was never started
   * does not end: give `timeoutMs`, after which it throws a ClaudeFlowApiError with the code `timeout`.
   * @param pollInterval milliseconds between two questions
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
   * Your swarms, newest first, a page at a time. With `status` a page may be short, or empty, and not the last: go on until
   * `nextCursor` is null. `scope: 'all'` gives everybody's, to administrators.
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

  /** One task, and why it is not running. */
  getTask(swarmId: string, taskId: string, { signal }: CallOptions = {}): Promise<TaskAnswer> {
    return requestJson(this.#transport(), taskPath(swarmId, taskId), { signal });
  }

  /** The tasks of a swarm, in the order of their numbers. */
  getTasks(
    swarmId: string,
    { signal, status, ...page }: ListOptions & { status?: TaskStatus | readonly TaskStatus[] } = {},
  ): Promise<TasksAnswer> {
    const read = (wanted: PageOptions) =>
      this.#list<TasksAnswer>(pathOf(swarmId, `/tasks${query({ status, ...wanted })}`), signal);
    return readPages(page, read, (all, { tasks }) => all.tasks.push(...tasks));
  }

  /** What became of each attempt of a task. Reads all events of the swarm: not for polling. */
  getAttempts(swarmId: string, taskId: string, { signal }: CallOptions = {}): Promise<AttemptsAnswer> {
    return requestJson(this.#transport(), taskPath(swarmId, taskId, '/attempts'), { signal });
  }

  /**
   * What the agent of a task said and did, turn by turn, oldest first, a page of at most 50 at a time. Long texts are cut. A
   * server may be set not to show it: 404.
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

  /** Adds a task to a swarm that has not ended, also while it is being planned or runs. Safe against double creation. */
  createTask(swarmId: string, task: AddedTask, options: CreateOptions = {}): Promise<TaskCommandAnswer> {
    return this.#create(pathOf(swarmId, '/tasks'), task, options);
  }

  /** Has one agent do a task, and no other. */
  assignTask(
    swarmId: string,
    taskId: string,
    agentId: string,
    { signal }: CallOptions = {},
  ): Promise<TaskCommandAnswer & { agentId: string }> {
    return this.#command('POST', taskPath(swarmId, taskId, '/assign'), signal, { agentId });
  }

  /** Does a failed or cancelled task again, while its swarm is open; what was skipped on its account waits for it again. */
  retryTask(swarmId: string, taskId: string, { signal }: CallOptions = {}): Promise<TaskCommandAnswer> {
    return requestJson(this.#transport(), taskPath(swarmId, taskId, '/retry'), { method: 'POST', signal });
  }

  /** Takes a task out of a swarm that goes on. */
  cancelTask(swarmId: string, taskId: string, { signal }: CallOptions = {}): Promise<TaskCommandAnswer> {
    return this.#command('DELETE', taskPath(swarmId, taskId), signal);
  }

  /** The tasks and what they wait for, to be drawn. */
  getGraph(swarmId: string, { signal, ...page }: ListOptions = {}): Promise<GraphAnswer> {
    const read = (wanted: PageOptions) =>
      this.#list<GraphAnswer>(pathOf(swarmId, `/graph${query({ ...wanted })}`), signal);
    return readPages(page, read, (all, { nodes, edges }) => {
      all.nodes.push(...nodes);
      all.edges.push(...edges);
    });
  }

  /** Agents that a swarm has or had, oldest first. */
  getAgents(
    swarmId: string,
    { signal, status, ...page }: ListOptions & { status?: AgentStatus | readonly AgentStatus[] } = {},
  ): Promise<AgentsAnswer> {
    const read = (wanted: PageOptions) =>
      this.#list<AgentsAnswer>(pathOf(swarmId, `/agents${query({ status, ...wanted })}`), signal);
    return readPages(page, read, (all, { agents }) => all.agents.push(...agents));
  }

  getAgent(swarmId: string, agentId: string, { signal }: CallOptions = {}): Promise<AgentAnswer> {
    return requestJson(this.#transport(), agentPath(swarmId, agentId), { signal });
  }

  /** One more agent, idle, while fewer than `maxAgents` live. Safe against double creation. */
  spawnAgent(swarmId: string, agent: NewAgent, options: CreateOptions = {}): Promise<AgentCommandAnswer> {
    return this.#create(pathOf(swarmId, '/agents'), agent, options);
  }

  /** Ends an agent; what it was at goes to another one. */
  terminateAgent(
    swarmId: string,
    agentId: string,
    { signal }: CallOptions = {},
  ): Promise<AgentCommandAnswer> {
    return this.#command('DELETE', agentPath(swarmId, agentId), signal);
  }

  /** How well a swarm works; null where there is nothing to measure yet. */
  getMetrics(swarmId: string, { signal }: CallOptions = {}): Promise<SwarmMetricsAnswer> {
    return requestJson(this.#transport(), pathOf(swarmId, '/metrics'), { signal });
  }

  /** The newest log lines at or above `level`, oldest of them first. */
  getLogs(
    swarmId: string,
    { limit, level, signal }: CallOptions & { limit?: number; level?: LogLevel } = {},
  ): Promise<LogsAnswer> {
    const path = pathOf(swarmId, `/logs${query({ limit, level })}`);
    return requestJson(this.#transport(), path, { signal });
  }

  /** Files that completed tasks left. */
  listArtifacts(swarmId: string, { signal, ...page }: ListOptions = {}): Promise<ArtifactsAnswer> {
    const read = (wanted: PageOptions) =>
      this.#list<ArtifactsAnswer>(pathOf(swarmId, `/artifacts${query({ ...wanted })}`), signal);
    return readPages(page, read, (all, { artifacts }) => all.artifacts.push(...artifacts));
  }

  /** One file that a task left behind, as it is. */
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

  /** What agents have asked people, oldest first. */
  listApprovals(
    swarmId: string,
    { status, signal, ...page }: ListOptions & { status?: ApprovalStatus } = {},
  ): Promise<ApprovalsAnswer> {
    const read = (wanted: PageOptions) =>
      this.#list<ApprovalsAnswer>(pathOf(swarmId, `/approvals${query({ status, ...wanted })}`), signal);
    return readPages(page, read, (all, { approvals }) => all.approvals.push(...approvals));
  }

  /** One approval, with the whole input of its call. */
  getApproval(swarmId: string, approvalId: string, { signal }: CallOptions = {}): Promise<ApprovalAnswer> {
    const path = pathOf(swarmId, `/approvals/${encodeURIComponent(approvalId)}`);
    return requestJson(this.#transport(), path, { signal });
  }

  /**
   * Approves or denies what an agent asked for. The first decision counts; the same one may be repeated.
   * @param options.note for the agent: why, or the answer to its question
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
   * All files that completed tasks left behind, as one tar archive, while it is read.
   * @param options.layout `merged` (the default): one tree, each file at its path, as the demo writes it; `tasks`: a folder for each task
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

  /** What you have stored, and how much you may. */
  getUsage({ signal }: CallOptions = {}): Promise<UsageAnswer> {
    return requestJson(this.#transport(), '/api/usage', { signal });
  }

  systemStats({ signal }: CallOptions = {}): Promise<SystemStatsAnswer> {
    return requestJson(this.#transport(), '/api/system/stats', { signal });
  }

  /** Makes an API key, which is in the answer and nowhere else. Needs `keys:manage`, like the next two. */
  createKey(name: string, options: CreateKeyOptions = {}): Promise<CreatedKey> {
    const { signal, ...body } = options;
    return requestJson(this.#transport(), '/api/keys', { method: 'POST', body: { name, ...body }, signal });
  }

  /** Your API keys, newest first, a page at a time; for administrators everybody's. */
  listKeys(options: CallOptions & { limit?: number; cursor?: string } = {}): Promise<KeyListAnswer> {
    const { limit, cursor, signal } = options;
    return requestJson(this.#transport(), `/api/keys${query({ limit, cursor })}`, { signal });
  }

  /** Within 5 s it is refused everywhere, and what it has open ends. */
  revokeKey(keyId: string, { signal }: CallOptions = {}): Promise<RevokedKey> {
    const path = `/api/keys/${encodeURIComponent(keyId)}`;
    return requestJson(this.#transport(), path, { method: 'DELETE', signal });
  }

  /** Whether the API serves; needs no key. */
  health({ signal }: CallOptions = {}): Promise<HealthAnswer> {
    return requestJson(this.#transport(), '/api/health', { signal });
  }

  /**
   * `for await (const event of client.events(id))`: all that happened and happens to a swarm, in order and once each,
   * until its final event. Broken connections are resumed.
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
