import { cutText } from '@claude-flow/core/domain/cut-text';

/** Requests remembered for `GET /_mock/requests`: all of a long run under faults, in a few megabytes. */
const MAX_RECENT = 20_000;

/** Characters of an objective that are remembered: enough to tell which swarm called. */
const OBJECTIVE_CHARS = 200;

/** Distinct turns remembered for `repeatedPrefixes`; older ones are forgotten, so memory stays bounded. */
const MAX_TURNS = 200_000;

export type RequestRecord = {
  /** Start, ms since the epoch. */
  at: number;
  agentType: string | null;
  model: string | null;
  /** The beginning of the objective: which swarm called. */
  objective: string | null;
  taskId: string | null;
  /** How many answers the conversation already holds. */
  turn: number | null;
  /** HTTP status; null while the call is open or when it ended without any. */
  status: number | null;
  prefixHash: string | null;
  outcome: 'open' | 'completed' | 'refused' | 'failed' | 'aborted';
};

type Subject = Pick<RequestRecord, 'agentType' | 'model' | 'objective' | 'taskId' | 'turn' | 'prefixHash'>;

/** One call of `POST /v1/messages`. Only the first of the three endings counts. */
export type Call = {
  describe: (subject: Subject) => void;
  /** The whole answer was handed over. */
  completed: (tokens: { input: number; output: number }) => void;
  /** Refused with an error status, or broken off on purpose (`failed`) in the middle. */
  ended: (outcome: 'refused' | 'failed', status: number) => void;
  /** The client went away first. */
  aborted: () => void;
};

export type Stats = {
  begin: (at: number) => Call;
  snapshot: () => {
    calls: number;
    completed: number;
    inFlight: number;
    maxInFlight: number;
    inputTokens: number;
    outputTokens: number;
    repeatedPrefixes: number;
    byAgentType: Record<string, number>;
    lastCallStartedAt: number | null;
  };
  /** Newest first. */
  recent: (limit: number) => RequestRecord[];
  reset: () => void;
};

const zero = () => ({
  calls: 0,
  completed: 0,
  maxInFlight: 0,
  inputTokens: 0,
  outputTokens: 0,
  repeatedPrefixes: 0,
  byAgentType: {} as Record<string, number>,
  lastCallStartedAt: null as number | null,
});

/** Counters in memory. Calls open at a reset stay in flight but no longer count as started. */
export const createStats = (): Stats => {
  let counters = zero();
  let records: RequestRecord[] = [];
  const turns = new Set<string>();
  const open = new Set<RequestRecord>();

  const rememberTurn = (hash: string | null): void => {
    if (hash === null) return;
    if (turns.has(hash)) counters.repeatedPrefixes += 1;
    turns.add(hash);
    if (turns.size <= MAX_TURNS) return;
    const oldest = turns.values().next();
    if (!oldest.done) turns.delete(oldest.value);
  };

  const begin = (at: number): Call => {
    const record: RequestRecord = {
      at,
      agentType: null,
      model: null,
      objective: null,
      taskId: null,
      turn: null,
      status: null,
      prefixHash: null,
      outcome: 'open',
    };
    counters.calls += 1;
    counters.lastCallStartedAt = at;
    open.add(record);
    counters.maxInFlight = Math.max(counters.maxInFlight, open.size);
    records.push(record);
    if (records.length > 2 * MAX_RECENT) records = records.slice(-MAX_RECENT);
    const end = (outcome: RequestRecord['outcome'], status: number | null): boolean => {
      if (!open.delete(record)) return false;
      record.outcome = outcome;
      record.status = status;
      return true;
    };
    return {
      describe: (subject) => {
        const objective = cutText(subject.objective ?? '', OBJECTIVE_CHARS) || null;
        Object.assign(record, { ...subject, objective });
        const type = subject.agentType ?? 'none';
        counters.byAgentType[type] = (counters.byAgentType[type] ?? 0) + 1;
      },
      completed: (tokens) => {
        if (!end('completed', 200)) return;
        counters.completed += 1;
        counters.inputTokens += tokens.input;
        counters.outputTokens += tokens.output;
        rememberTurn(record.prefixHash);
      },
      ended: (outcome, status) => void end(outcome, status),
      aborted: () => void end('aborted', null),
    };
  };

  return {
    begin,
    snapshot: () => ({
      ...counters,
      byAgentType: { ...counters.byAgentType },
      inFlight: open.size,
    }),
    recent: (limit) =>
      records
        .slice(-Math.min(limit, MAX_RECENT))
        .toReversed()
        .map((record) => ({ ...record })),
    reset: () => {
      counters = { ...zero(), maxInFlight: open.size };
      records = [];
      turns.clear();
    },
  };
};
