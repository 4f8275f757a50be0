import { ClaudeFlowApiError } from './api-error.ts';
import { advance, type Position, startAnew } from './event-stream.ts';
import { ALL_SWARMS, createAllMemory } from './monitor-all.ts';
import type { MonitorMessage, MonitorMessages } from './monitor-messages.ts';
import { OPEN, type SocketConstructor, type SocketLike, socketConstructor, socketUrl } from './socket.ts';
import { fetchTicket } from './ticket.ts';
import { backOffMs, timerMs } from './waiting.ts';

/** How a monitor connects. Times are milliseconds. */
export interface MonitorOptions {
  apiKey?: string | null;
  /** A JWT. */
  token?: string;
  /** For Node before 22. Default: the global one. */
  WebSocket?: SocketConstructor;
  /** Rests between two attempts to connect, in milliseconds: from the first, doubling, to the last. */
  reconnect?: { baseMs: number; capMs: number };
  /** Milliseconds without a word from the server after which it is asked, and as long again until it is given up. */
  heartbeatMs?: number;
}

type Handler = (message: never) => void;

/** A restarted server takes about a second; a fleet of clients must not besiege one that stays away. */
const RECONNECT = { baseMs: 500, capMs: 15_000 };
const HEARTBEAT_MS = 20_000;
/** The server has refused this client: wrong key, not allowed. Trying again changes nothing. */
const REFUSED = new Set([4401, 4403]);
/** Errors after which a subscription is asked for again. */
const TEMPORARY = new Set(['redis_unavailable', 'internal', 'limit_exceeded', 'places_incomplete']);
const RESUBSCRIBE = { baseMs: 2_000, capMs: 2_000 };
const CLOSE_CODE: Record<number, number> = { 401: 4401, 403: 4403 };

/**
 * Follows swarms over one WebSocket, in browsers and Node. A lost connection is restored, and every subscription continues
 * after the last event received: none is missed and none repeated. `subscribe('*')` follows all swarms of the caller's.
 *
 * Override `handleEvent` to get every message, or use `on`. With neither, messages are printed to the console. In the examples,
 * `monitor` is a SwarmMonitor and `swarmId` names a swarm of the caller's.
 * @example
 * const monitor = new SwarmMonitor(client.baseUrl);
 * monitor.on('swarm_event', ({ eventType, data }) => console.log(eventType, data));
 * monitor.connect();
 * monitor.subscribe(swarmId);
 * monitor.close();
 */
export class SwarmMonitor {
  /** Address of the API (`http` or `https`). */
  baseUrl: string;
  /** The present socket; null while there is none. */
  ws: SocketLike | null = null;
  /** The swarms followed. */
  readonly subscriptions = new Set<string>();
  readonly #options: MonitorOptions;
  readonly #handlers = new Map<string, Set<Handler>>();
  readonly #positions = new Map<string, Position>();
  readonly #all = createAllMemory(this.#positions, (swarmId) => this.subscriptions.has(swarmId));
  /** Not wanted, although everything is followed. */
  readonly #left = new Set<string>();
  /** Subscribed on the present connection. */
  readonly #sent = new Set<string>();
  /** The ticket being asked for. */
  #attempt: AbortController | undefined;
  #failures = 0;
  #closed = true;
  #reconnectTimer: ReturnType<typeof setTimeout> | undefined;
  #resubscribeTimer: ReturnType<typeof setTimeout> | undefined;
  #heartbeatTimer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param baseUrl address of the API; default `http://localhost:3000`
   * @example
   * const monitor = new SwarmMonitor('https://swarms.example.com', { apiKey: 'cf_...' });
   */
  constructor(baseUrl = 'http://localhost:3000', options: MonitorOptions = {}) {
    this.baseUrl = baseUrl;
    this.#options = options;
  }

  /**
   * Connects, and stays connected until `close()`. Calling it again does nothing.
   * @throws Error when this version of Node has no WebSocket and none was given
   * @example
   * monitor.connect();
   */
  connect(): void {
    if (this.ws !== null || this.#attempt !== undefined) return;
    this.#closed = false;
    clearTimeout(this.#reconnectTimer);
    const Socket = socketConstructor(this.#options.WebSocket);
    const { apiKey, token } = this.#options;
    if (apiKey || token) void this.#connectWithTicket(Socket);
    else this.#open(new Socket(socketUrl(this.baseUrl)));
  }

  /**
   * Follows a swarm from its first event, or from the one after number `after`. `*` follows all swarms of the caller's from now on, or
   * with `after: 0` also the past of those that have not ended. It may be called before the connection is open. An unknown swarm is
   * reported as an `error` message.
   * @example
   * monitor.subscribe(swarmId, { after: 12 });
   * monitor.subscribe('*');
   */
  subscribe(swarmId: string, { after }: { after?: number } = {}): void {
    this.subscriptions.add(swarmId);
    this.#left.delete(swarmId);
    if (swarmId === ALL_SWARMS) {
      if (after === 0) this.#all.fromFirst();
    } else if (after !== undefined && !this.#positions.has(swarmId)) {
      this.#positions.set(swarmId, { seq: after, epoch: undefined });
    }
    this.#sendSubscription(swarmId);
  }

  /**
   * Stops following a swarm, or with `*` all swarms that are not followed by their id.
   * @example
   * monitor.unsubscribe(swarmId);
   */
  unsubscribe(swarmId: string): void {
    this.subscriptions.delete(swarmId);
    if (swarmId === ALL_SWARMS) this.#all.forget();
    // Its place is kept, so that the server does not take it for new to us.
    if (this.subscriptions.has(ALL_SWARMS)) this.#left.add(swarmId);
    else this.#positions.delete(swarmId);
    if (this.#sent.delete(swarmId) || this.#left.has(swarmId)) this.#send({ type: 'unsubscribe', swarmId });
  }

  /**
   * Calls `handler` with every message of a type.
   * @returns a function that removes the handler
   * @example
   * const off = monitor.on('disconnected', ({ reason, reconnecting }) => console.log(reason, reconnecting));
   * off();
   */
  on<Type extends keyof MonitorMessages>(
    type: Type,
    handler: (message: MonitorMessages[Type]) => void,
  ): () => void {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers.add(handler));
    return () => handlers.delete(handler);
  }

  /**
   * Receives every message. Meant to be overridden.
   * @example
   * class Printer extends SwarmMonitor {
   *   override handleEvent(message: MonitorMessage) {
   *     console.log(message.type);
   *   }
   * }
   * const printer = new Printer(client.baseUrl);
   */
  handleEvent(event: MonitorMessage): void {
    if (this.#handlers.size > 0) {
      for (const handler of [...(this.#handlers.get(event.type) ?? [])]) handler(event as never);
      return;
    }
    if (event.type === 'swarm_event') console.log(`Swarm ${event.swarmId}: ${event.eventType}`, event.data);
    else if (event.type === 'connected') console.log('Connected to WebSocket server:', event.clientId);
    else if (event.type === 'disconnected') console.log('WebSocket disconnected', event.code, event.reason);
    else if (event.type === 'error') console.error('WebSocket error:', event.message);
  }

  /**
   * Closes the connection for good. `connect()` opens a new one with the same subscriptions.
   * @example
   * monitor.close();
   */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#reconnectTimer);
    this.#attempt?.abort();
    this.#attempt = undefined;
    const socket = this.ws;
    if (socket === null) return;
    this.#lost(1000, 'closed');
    socket.close(1000);
  }

  /** Browsers send no headers of one's own with a WebSocket: a one-use ticket stands for the key. */
  async #connectWithTicket(Socket: SocketConstructor): Promise<void> {
    const attempt = new AbortController();
    this.#attempt = attempt;
    try {
      const ticket = await fetchTicket(this.baseUrl, this.#options, attempt.signal);
      if (attempt.signal.aborted) return;
      this.#attempt = undefined;
      this.#open(new Socket(`${socketUrl(this.baseUrl)}?ticket=${encodeURIComponent(ticket)}`));
    } catch (error) {
      if (attempt.signal.aborted) return;
      this.#attempt = undefined;
      const refused = error instanceof ClaudeFlowApiError ? CLOSE_CODE[error.status] : undefined;
      this.#lost(refused ?? 1006, error instanceof Error ? error.message : String(error));
    }
  }

  #open(socket: SocketLike): void {
    this.ws = socket;
    socket.onmessage = (event: { data: unknown }) => {
      if (this.ws === socket) this.#receive(event.data);
    };
    socket.onclose = (event: { code: number; reason: string }) => {
      if (this.ws === socket) this.#lost(event.code, event.reason);
    };
    // Always followed by a close, which says what there is to say.
    socket.onerror = () => {};
    this.#watch(socket);
  }

  #receive(data: unknown): void {
    const message = parse(data);
    if (message === undefined) return;
    if (this.ws !== null) this.#watch(this.ws);
    this.#all.note(message);
    if (message.type === 'connected') {
      this.#failures = 0;
      this.#sendSubscriptions();
    }
    if (message.type === 'error') this.#refused(message);
    if (message.type === 'swarm_event' && !this.#isNew(message)) return;
    if (message.type === 'resync_required') {
      const position = this.#positions.get(message.swarmId);
      if (position !== undefined) startAnew(position, message);
    }
    this.handleEvent(message);
  }

  #isNew(message: MonitorMessages['swarm_event']): boolean {
    const { swarmId } = message;
    if (!this.subscriptions.has(swarmId) && !this.subscriptions.has(ALL_SWARMS)) return false;
    if (this.#left.has(swarmId)) return false;
    const position = this.#positions.get(message.swarmId) ?? { seq: 0, epoch: undefined };
    this.#positions.set(message.swarmId, position);
    return advance(position, message);
  }

  /** The server has not taken a subscription: for good, or because it could not just then. */
  #refused({ code, swarmId }: MonitorMessages['error']): void {
    if (swarmId === undefined || !this.#sent.delete(swarmId)) return;
    if (code === 'swarm_not_found') this.subscriptions.delete(swarmId);
    if (!TEMPORARY.has(code)) return;
    clearTimeout(this.#resubscribeTimer);
    const delay = backOffMs(1, Math.random(), RESUBSCRIBE);
    this.#resubscribeTimer = setTimeout(() => this.#sendSubscriptions(), delay);
  }

  #sendSubscriptions(): void {
    // Everything last: what is followed by name has its own place.
    for (const id of this.subscriptions) if (id !== ALL_SWARMS) this.#sendSubscription(id);
    if (this.subscriptions.has(ALL_SWARMS)) this.#sendSubscription(ALL_SWARMS);
  }

  #sendSubscription(swarmId: string): void {
    if (this.#sent.has(swarmId)) return;
    const wishes =
      swarmId === ALL_SWARMS
        ? this.#all.wishes()
        : [{ type: 'subscribe', swarmId, ...place(this.#positions.get(swarmId)) }];
    if (wishes.every((wish) => this.#send(wish))) this.#sent.add(swarmId);
  }

  #send(message: Record<string, unknown>): boolean {
    if (this.ws?.readyState !== OPEN) return false;
    this.ws.send(JSON.stringify(message));
    return true;
  }

  /** A connection can be dead without a word: ask when it is silent, give it up when it stays so. */
  #watch(socket: SocketLike): void {
    const ms = timerMs(this.#options.heartbeatMs ?? HEARTBEAT_MS);
    clearTimeout(this.#heartbeatTimer);
    this.#heartbeatTimer = setTimeout(() => {
      this.#send({ type: 'ping' });
      this.#heartbeatTimer = setTimeout(() => {
        this.#lost(1006, 'the server is silent');
        socket.close();
      }, ms);
    }, ms);
  }

  #lost(code: number, reason: string): void {
    this.ws = null;
    this.#sent.clear();
    clearTimeout(this.#heartbeatTimer);
    clearTimeout(this.#resubscribeTimer);
    const reconnecting = !this.#closed && !REFUSED.has(code);
    if (reconnecting) {
      this.#failures += 1;
      const delay = backOffMs(this.#failures, Math.random(), this.#options.reconnect ?? RECONNECT);
      this.#reconnectTimer = setTimeout(() => this.connect(), timerMs(delay));
    }
    this.handleEvent({ type: 'disconnected', code, reason, reconnecting });
  }
}

/** What a subscription says of where it goes on. */
function place(position: Position | undefined): { after?: number; epoch?: number } {
  if (position === undefined) return {};
  return { after: position.seq, ...(position.epoch === undefined ? {} : { epoch: position.epoch }) };
}

function parse(data: unknown): MonitorMessage | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const message = JSON.parse(data) as MonitorMessage | null;
    return typeof message?.type === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
