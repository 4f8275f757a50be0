import { appendFileSync } from 'node:fs';
import type { SwarmEvent } from 'claude-flow/client';

export type ProcessKind = 'api' | 'scheduler' | 'worker';

/** A fault or a deed of the harness. */
export interface ActionEntry {
  kind: 'action';
  /** E.g. `start`, `SIGKILL`, `kill-before`, `blackhole`, `pass`, `exit`, `redis-killed`, `redis-back`. */
  action: string;
  /** A process's name, `redis`, or `all`. */
  target: string;
  /** The worker id of this life of a worker. */
  workerId?: string;
  /** More for people: which command, how long. */
  detail?: string;
}

interface CreateEntry {
  kind: 'create';
  /** The harness's own number of the swarm. */
  swarm: number;
  /** What the API said: its id when it was accepted. */
  swarmId?: string;
  error?: string;
  /** Names the swarm in the model's log: no two are alike. */
  objective?: string;
}

/** One answer of the API to a question about a swarm's status, while it runs. */
interface StatusEntry {
  kind: 'status';
  swarmId: string;
  status: string;
  lastEvent: number;
}

/** The end of a swarm, or of one of its tasks, was asked for. */
interface StopEntry {
  kind: 'stop';
  swarmId: string;
  taskId?: string;
}

/** An API has said that it is stopped. */
interface StoppedEntry {
  kind: 'stopped';
  swarmId: string;
  taskId?: string;
}

/** What another owner got who asked for a swarm that is not theirs, or for a list. */
export interface ForeignEntry {
  kind: 'foreign';
  /** What was asked, e.g. `GET /api/swarm/{id}/events`. */
  asked: string;
  /** Whose swarm it was. */
  swarmId?: string;
  /** HTTP status; of a WebSocket 404 when it was refused and 200 when something came. */
  status: number;
  /** Swarms that a list named. */
  listed?: string[];
  /** Of their own, which the list has to name. */
  own?: string;
}

/** A call as the offline model saw it. `at` is when it began. */
export interface ModelEntry {
  kind: 'model';
  objective: string | null;
  taskId: string | null;
  agentType: string | null;
  turn: number | null;
  /** Of the whole conversation: the same for a turn that is asked for again. */
  prefixHash: string | null;
  /** `completed`, `aborted` (by the caller), `refused` or `failed` (on purpose). */
  outcome: string;
}

/** An event as a reader got it. `reader` is one client, over all its connections. */
interface EventEntry {
  kind: 'event';
  reader: string;
  event: SwarmEvent;
}

/** What the public API says of a swarm at the end. */
export interface FinalEntry {
  kind: 'final';
  swarmId: string;
  found: boolean;
  status: string;
  reason: string | null;
  tasks: { id: string; status: string; dependencies: string[]; attempt: number; hasOutput: boolean }[];
  /** The whole log, as the API gives it in pages. */
  log: SwarmEvent[];
}

/** What the offline model counted. */
interface SpendEntry {
  kind: 'spend';
  /** Turns paid twice. */
  repeatedPrefixes: number;
}

/** Something left at the end that should be gone. */
interface LeftoverEntry {
  kind: 'leftover';
  what: string;
}

type Body =
  | ActionEntry
  | CreateEntry
  | StatusEntry
  | StopEntry
  | StoppedEntry
  | ForeignEntry
  | ModelEntry
  | EventEntry
  | FinalEntry
  | SpendEntry
  | LeftoverEntry;
/** `at`: milliseconds since 1970. `cluster`: where it happened, when several share a history. */
export type Entry = Body & { at: number; cluster?: string };

export interface History {
  /** Of the file with one JSON line for each entry. */
  readonly path: string;
  readonly entries: readonly Entry[];
  /** `at` only where it happened earlier than now. */
  add(entry: Body & { at?: number }): void;
  /** The same history for one of several clusters. */
  of(cluster: string): History;
}

export function createHistory(path: string): History {
  const entries: Entry[] = [];
  const writer = (marked: { cluster?: string }): History => ({
    path,
    entries,
    add(body) {
      const entry = { at: Date.now(), ...marked, ...body };
      entries.push(entry);
      appendFileSync(path, `${JSON.stringify(entry)}\n`);
    },
    of: (cluster) => writer({ cluster }),
  });
  return writer({});
}

export function ofKind<Kind extends Entry['kind']>(
  entries: readonly Entry[],
  kind: Kind,
): Extract<Entry, { kind: Kind }>[] {
  return entries.filter((entry): entry is Extract<Entry, { kind: Kind }> => entry.kind === kind);
}
