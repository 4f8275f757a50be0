import { ClaudeFlowApiError } from './api-error.ts';
import { type EventStreamOptions, followEvents } from './event-stream.ts';
import {
  authHeaders,
  DEFAULT_RETRIES,
  DEFAULT_TIMEOUT_MS,
  request,
  requestJson,
  type Transport,
} from './request.ts';
import type {
  AgentsAnswer,
  ArtifactsAnswer,
  CommandAnswer,
  CreatedSwarm,
  CreateSwarmOptions,
  HealthAnswer,
  LogLevel,
  LogsAnswer,
  ResultsAnswer,
  SwarmAnswer,
  SwarmEvent,
  SwarmListAnswer,
  TaskAnswer,
  TasksAnswer,
} from './types.ts';
import type { CreatedKey, CreateKeyOptions, KeyListAnswer, RevokedKey } from './types-keys.ts';
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

const DEFAULT_POLL_INTERVAL_MS = 5_000;

/** Unique enough to tell two calls apart; it is no secret. (`randomUUID` is missing in Node 18 and on plain http.) */
function newIdempotencyKey(): string {
  const bytes = new Uint8Array(16);
  if (globalThis.crypto === undefined)
    for (let i = 0; i < bytes.length; i += 1) bytes[i] = Math.random() * 256;
  else globalThis.crypto.getRandomValues(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** `?name=value...` of what is given. */
function query(values: Record<string, string | number | undefined>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) given.set(name, String(value));
  const text = given.toString();
  return text === '' ? '' : `?${text}`;
}

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
    return requestJson(this.#transport(), '/api/swarm/create', {
      method: 'POST',
      headers: { 'Idempotency-Key': idempotencyKey ?? newIdempotencyKey() },
      body: { objective, ...body },
      repeatable: true,
      signal,
    });
  }

  startSwarm(swarmId: string, { signal }: CallOptions = {}): Promise<CommandAnswer> {
    return requestJson(this.#transport(), pathOf(swarmId, '/start'), { method: 'POST', signal });
  }

  /** Ends a swarm; its running agents are cut off. Stopping a stopped one is fine. */
  stopSwarm(swarmId: string, { signal }: CallOptions = {}): Promise<CommandAnswer> {
    return requestJson(this.#transport(), pathOf(swarmId, '/stop'), {
      method: 'POST',
      repeatable: true,
      signal,
    });
  }

  getSwarmStatus(swarmId: string, { signal }: CallOptions = {}): Promise<SwarmAnswer> {
    return requestJson(this.#transport(), pathOf(swarmId), { signal });
  }

  getResults(swarmId: string, { signal }: CallOptions = {}): Promise<ResultsAnswer> {
    return requestJson(this.#transport(), pathOf(swarmId, '/results'), { signal });
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

  /** Your swarms, newest first, a page at a time. */
  listSwarms(options: CallOptions & { limit?: number; cursor?: string } = {}): Promise<SwarmListAnswer> {
    const { limit, cursor, signal } = options;
    return requestJson(this.#transport(), `/api/swarms${query({ limit, cursor })}`, { signal });
  }

  getTask(swarmId: string, taskId: string, { signal }: CallOptions = {}): Promise<TaskAnswer> {
    return requestJson(this.#transport(), pathOf(swarmId, `/tasks/${encodeURIComponent(taskId)}`), {
      signal,
    });
  }

  getTasks(swarmId: string, { signal }: CallOptions = {}): Promise<TasksAnswer> {
    return requestJson(this.#transport(), pathOf(swarmId, '/tasks'), { signal });
  }

  getAgents(swarmId: string, { signal }: CallOptions = {}): Promise<AgentsAnswer> {
    return requestJson(this.#transport(), pathOf(swarmId, '/agents'), { signal });
  }

  /** The newest log lines at or above `level`, oldest of them first. */
  getLogs(
    swarmId: string,
    { limit, level, signal }: CallOptions & { limit?: number; level?: LogLevel } = {},
  ): Promise<LogsAnswer> {
    const path = pathOf(swarmId, `/logs${query({ limit, level })}`);
    return requestJson(this.#transport(), path, { signal });
  }

  listArtifacts(swarmId: string, { signal }: CallOptions = {}): Promise<ArtifactsAnswer> {
    return requestJson(this.#transport(), pathOf(swarmId, '/artifacts'), { signal });
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
