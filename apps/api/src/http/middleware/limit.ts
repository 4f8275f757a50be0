import type { Ledger } from '@claude-flow/core/store/ledger';
import type { MiddlewareHandler } from 'hono';
import type { ApiConfig } from '../../config/config.ts';
import { budgetSpent, createBudget } from '../../limits/budget.ts';
import type { BudgetKind } from '../../limits/budget-kind.ts';
import { callerName } from '../../limits/caller-group.ts';
import type { AppEnv } from '../app-env.ts';
import { PROBE_PATHS } from './authenticate.ts';
import { READING } from './reading.ts';

const CREATE_PATH = '/api/swarm/create';

/** Asked by machines, at their own pace. */
const UNLIMITED: ReadonlySet<string> = new Set(PROBE_PATHS);

/** What reads are called where there were too many. */
export const READS = 'reading requests';
const WORDS = {
  read: READS,
  write: 'writing requests',
  creation: 'new swarms',
} as const satisfies Partial<Record<BudgetKind, string>>;

interface LimitDeps {
  ledger: Ledger;
  config: Pick<ApiConfig, 'auth' | 'proxyHops'>;
  now(): number;
}

/** Counts what each caller reads, writes and creates, apart, over all API processes. Strangers count by address. */
export function limit(deps: LimitDeps, limits: NonNullable<ApiConfig['limits']>): MiddlewareHandler<AppEnv> {
  const budget = (kind: BudgetKind, points: number) =>
    createBudget(deps.ledger, { kind, points, windowMs: limits.windowMs }, deps.now);
  const budgets = {
    read: budget('read', limits.reads),
    write: budget('write', limits.writes),
    creation: budget('creation', limits.creations),
  };

  return async (c, next) => {
    const { path, method } = c.req;
    if (UNLIMITED.has(path)) return next();
    const kind = READING.has(method) ? 'read' : path === CREATE_PATH ? 'creation' : 'write';
    const caller = callerName(c, deps.config);
    const state = await budgets[kind].spend(caller);
    if (kind === 'read') c.set('spendReads', (cost) => budgets.read.spend(caller, cost));
    if (!state.allowed) throw budgetSpent(state, WORDS[kind]);
    for (const [name, value] of Object.entries(state.headers)) c.header(name, value);
    return next();
  };
}
