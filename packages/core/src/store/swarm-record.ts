import { type SwarmStatus, TASK_STATUSES, type TaskStatus } from '../domain/states.ts';
import type { SwarmBudget, SwarmRecord } from '../domain/task.ts';
import type { Mode, Strategy } from '../domain/vocabulary.ts';

const number = (text: string | undefined) => Number(text ?? '0');
const optional = <K extends string, V>(key: K, value: V | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
const time = <K extends string>(key: K, text: string | undefined) =>
  optional(key, text === undefined ? undefined : Number(text));

function budgetOf(meta: Record<string, string>): SwarmBudget | undefined {
  const [maxTokens, maxCostMicros] = [meta['budgetTokens'], meta['budgetMicros']];
  if (maxTokens === undefined && maxCostMicros === undefined) return undefined;
  return { ...time('maxTokens', maxTokens), ...time('maxCostMicros', maxCostMicros) };
}

function resourcesOf(json: string | undefined): SwarmRecord['resources'] {
  if (json === undefined) return undefined;
  const workers = JSON.parse(json) as Record<string, [memoryBytes: number, cpu: number]>;
  return Object.values(workers).map(([memoryBytes, cpu]) => ({ memoryBytes, cpu }));
}

/** What the names of the fields begin with that say how many tasks have a status. */
const COUNT = 'tasks:';

/** The fields of the `meta` hash, as the scripts write them, made into a record. */
export function parseSwarm(meta: Record<string, string>): SwarmRecord {
  return {
    id: meta['id'] ?? '',
    owner: meta['owner'] ?? '',
    name: meta['name'] ?? '',
    objective: meta['objective'] ?? '',
    strategy: (meta['strategy'] ?? 'auto') as Strategy,
    mode: (meta['mode'] ?? 'centralized') as Mode,
    maxAgents: number(meta['maxAgents']),
    timeoutMs: number(meta['timeoutMs']),
    parallel: meta['parallel'] === '1',
    options: JSON.parse(meta['options'] ?? '{}') as Record<string, unknown>,
    ...optional('model', meta['model']),
    status: (meta['status'] ?? 'planning') as SwarmStatus,
    planned: meta['planned'] === '1',
    startRequested: meta['startRequested'] === '1',
    ...optional('planSource', meta['planSource']),
    planDegraded: meta['planDegraded'] === '1',
    ...optional('planTrouble', meta['planTrouble'] || undefined),
    createdAt: number(meta['createdAt']),
    ...time('startedAt', meta['startedAt']),
    ...time('endedAt', meta['endedAt']),
    ...time('deadlineAt', meta['deadlineAt']),
    ...optional('reason', meta['reason']),
    ...optional('message', meta['message']),
    ...optional('budget', budgetOf(meta)),
    ...optional('resources', resourcesOf(meta['resources'])),
    epoch: number(meta['epoch']),
    seq: number(meta['seq']),
    inputTokens: number(meta['inputTokens']),
    outputTokens: number(meta['outputTokens']),
    cacheReadTokens: number(meta['cacheReadTokens']),
    cacheWriteTokens: number(meta['cacheWriteTokens']),
    costMicros: number(meta['costMicros']),
    ...time('estimatedTokens', meta['estimatedTokens']),
    counts: Object.fromEntries(
      Object.entries(meta)
        .filter(([field, count]) => field.startsWith(COUNT) && count !== '0')
        .map(([field, count]) => [field.slice(COUNT.length), Number(count)] as const),
    ) as Partial<Record<TaskStatus, number>>,
  };
}

/** What a list shows of a swarm: never its objective or options, which can be large. */
export type SwarmSummary = Pick<
  SwarmRecord,
  | 'id'
  | 'owner'
  | 'name'
  | 'strategy'
  | 'status'
  | 'startRequested'
  | 'createdAt'
  | 'endedAt'
  | 'reason'
  | 'counts'
>;

const COUNTS = TASK_STATUSES.map((status) => `${COUNT}${status}`);

/** The fields of the `meta` hash that a summary is made of. */
export const SUMMARY_FIELDS: readonly string[] = [
  ...['id', 'owner', 'name', 'strategy', 'status', 'startRequested', 'createdAt', 'endedAt', 'reason'],
  ...COUNTS,
];

/** The fields of the `meta` hash that a state is made of: all that `parseSwarm` reads but `objective` and `options`. */
export const STATE_FIELDS: readonly string[] = [
  ...SUMMARY_FIELDS,
  ...[
    'mode',
    'maxAgents',
    'timeoutMs',
    'parallel',
    'model',
    'planned',
    'planSource',
    'planDegraded',
    'planTrouble',
  ],
  ...['startedAt', 'deadlineAt', 'message', 'budgetTokens', 'budgetMicros', 'resources', 'epoch', 'seq'],
  ...['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'costMicros', 'estimatedTokens'],
];
