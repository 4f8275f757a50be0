import type { Principal } from '@claude-flow/api/auth/principal';
import { RIGHTS } from '@claude-flow/api/auth/principal';
import { acceptSwarm } from '@claude-flow/api/swarms/create-swarm';
import { type CreateSwarm, createSwarmBody } from '@claude-flow/api/swarms/create-swarm-schema';
import { placeForStart, startInPlace } from '@claude-flow/api/swarms/start-swarm';
import { issueSentence } from '@claude-flow/core/contracts/issue-sentence';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { STRATEGIES, type Strategy } from '@claude-flow/core/domain/vocabulary';
import type { Engine } from './engine.ts';
import type { SwarmMade, SwarmWish } from './wishes.ts';

/** Whom the swarms of the program itself belong to: the one owner there is without authentication. */
const PROGRAM: Principal = { owner: 'local', rights: RIGHTS, seesAll: true };

export interface CreationRules {
  /** Names of strategies that the program carries out itself. */
  ownStrategies: ReadonlySet<string>;
  maxAgentsPerSwarm: number;
}

/** Makes a swarm as POST /api/swarm/create would. One of a strategy of the program's own, or with `tasks: []`, starts empty. */
export async function createSwarm(engine: Engine, wish: SwarmWish, rules: CreationRules): Promise<SwarmMade> {
  engine.admit();
  const { id, strategy = 'auto', ...rest } = wish;
  const own = !isStrategy(strategy);
  if (own && !rules.ownStrategies.has(strategy)) throw unknownStrategy(strategy, rules.ownStrategies);
  const empty = own || (Array.isArray(wish.tasks) && wish.tasks.length === 0);
  const { tasks: _none, ...withoutTasks } = rest;
  const body = { ...(empty ? withoutTasks : rest), strategy: own ? 'auto' : strategy };
  const checked = await check({ ...body, ...withinLimit(wish, rules.maxAgentsPerSwarm) });
  // With an empty graph of its own nobody plans it; started without a task it would be over at once.
  const unfilled = { strategy: strategy as Strategy, tasks: [], autoStart: false };
  const wanted = empty ? { ...checked, ...unfilled } : checked;
  const creation = await acceptSwarm(engine.api.deps, {
    principal: PROGRAM,
    wish: wanted,
    body: JSON.stringify({ ...body, strategy }),
    idempotencyKey: id,
  });
  return made(creation, { ...wanted, strategy });
}

/** The effective number of agents, where the program allows fewer than the request. */
export function withinLimit(wish: { maxAgents?: unknown }, limit: number): { maxAgents?: number } {
  return typeof wish.maxAgents === 'number' && wish.maxAgents > limit ? { maxAgents: limit } : {};
}

const isStrategy = (name: string): name is Strategy => (STRATEGIES as readonly string[]).includes(name);

function unknownStrategy(name: string, own: ReadonlySet<string>): ClaudeFlowError {
  const known = [...STRATEGIES, ...own].join(', ');
  return new ClaudeFlowError(
    'validation_failed',
    `Unknown strategy: ${name}. Known: ${known}. Others are registered with a CustomStrategyManager of this coordinator.`,
    { details: [{ field: 'strategy', message: `Unknown strategy: ${name}` }] },
  );
}

async function check(body: Record<string, unknown>): Promise<CreateSwarm> {
  const parsed = await createSwarmBody.safeParseAsync(body);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.map((issue) => {
    const field = issue.path.join('.');
    return { field, message: issueSentence(issue, field) };
  });
  throw new ClaudeFlowError('validation_failed', details.map(({ message }) => message).join(' '), {
    details,
  });
}

function made(
  creation: { swarmId: string; name: string; acceptedAt: number; planned: boolean },
  wish: { objective: string; strategy: string; mode: string; maxAgents: number; autoStart: boolean },
): SwarmMade {
  const { swarmId, name, acceptedAt, planned } = creation;
  const { objective, strategy, mode, maxAgents, autoStart } = wish;
  return {
    swarmId,
    id: swarmId,
    status: autoStart ? 'executing' : 'planning',
    message: 'Swarm created successfully',
    data: { objective, strategy, mode, maxAgents, name, planned },
    timestamp: new Date(acceptedAt).toISOString(),
  };
}

/** @throws ClaudeFlowError `swarm_state_conflict` also for one without a task: it could never end */
export async function startFilledSwarm({ api: { deps } }: Engine, swarmId: string) {
  const tasks = await deps.ledger.redis.hlen(deps.ledger.keys.swarm(swarmId, 'tasks'));
  const meta = deps.ledger.keys.swarm(swarmId, 'meta');
  const [planned, owner] = await deps.ledger.redis.hmget(meta, 'planned', 'owner');
  if (planned === '1' && tasks === 0) {
    throw new ClaudeFlowError(
      'swarm_state_conflict',
      'This swarm has no task yet. Add one with createTask first.',
    );
  }
  await placeForStart(deps, { swarmId, owner: owner ?? '' }, true);
  return startInPlace(deps, swarmId);
}
