import fc from 'fast-check';
import { taskId } from '../../src/domain/ids.ts';
import { FAILURE_POLICIES } from '../../src/domain/states.ts';
import { living, type Model, type ModelTask, type TaskPlan } from './state.ts';
import { type Step, steps } from './steps.ts';
import type { Claim } from './task-commands.ts';

/** What a drawn command is aimed at depends on what is there when its turn comes; `a` and `b` choose among it. */
export interface Wish {
  kind: Kind;
  a: number;
  b: number;
  /** The unusual variant: a stale token, a wrong attempt, a gap in the journal, a task that is not there. */
  odd: boolean;
}

export interface World {
  model: Model;
  /** Every claim ever wished for, whatever came of it: what a slow worker may still send. */
  claims: Claim[];
  plan: readonly TaskPlan[];
  size: Pick<NonNullable<Model['swarm']>, 'maxAgents' | 'parallel' | 'budget'>;
}

const AGENT_TYPES = ['coder', 'tester', 'reviewer'] as const;
const choose = <T>(list: readonly T[], n: number): T | undefined => list[n % Math.max(1, list.length)];
const tasksOf = (world: World) => [...(world.model.swarm?.tasks.values() ?? [])];
const being = (world: World, ...statuses: ModelTask['status'][]) =>
  tasksOf(world).filter((task) => statuses.includes(task.status));
const UNENDED = ['blocked', 'ready', 'queued', 'running', 'waiting', 'retrying', 'suspended'] as const;
const agentId = (n: number) => `agent_${String(n + 1).padStart(3, '0')}`;

/** The claim of a task at work; the unusual one is an old claim, or one with a token that nobody was given. */
function aClaim(world: World, { a, b, odd }: Wish): Claim | undefined {
  if (odd && b % 3 === 0) return { taskId: taskId((a % 6) + 1), attempt: 1, token: 'made-up' };
  if (odd) return choose(world.claims.toReversed(), a);
  const task = choose(being(world, 'running'), a);
  return task === undefined
    ? undefined
    : { taskId: task.id, attempt: task.attempt, token: task.token ?? 'none' };
}

const withClaim =
  (make: (one: Claim, world: World, wish: Wish) => Step) =>
  (world: World, wish: Wish): Step | undefined => {
    const one = aClaim(world, wish);
    return one === undefined ? aNewClaim(world, wish) : make(one, world, wish);
  };

/** Nothing can be done by a worker before it has a task; so whatever brings it nearer to one comes first. */
function aNewClaim(world: World, wish: Wish): Step | undefined {
  const task = choose(wish.odd ? tasksOf(world) : being(world, 'queued'), wish.a);
  return task === undefined ? onTheWay(world, wish.b) : claimOf(world, task, wish);
}

function claimOf(world: World, task: ModelTask, { b, odd }: Wish): Step {
  const old = choose(world.claims, b);
  const claim: Claim = {
    taskId: task.id,
    attempt: odd && b % 3 === 1 ? Math.max(1, task.attempt - 1) : task.attempt,
    token: odd && old !== undefined ? old.token : `token-${world.claims.length + 1}`,
  };
  world.claims.push(claim);
  return steps.claim(claim);
}

function onTheWay(world: World, b: number): Step | undefined {
  const { swarm } = world.model;
  if (swarm === undefined) return steps.create(world.size);
  if (swarm.status === 'planning' && b % 2 === 0) return steps.claimPlan(`planner-${b % 3}`);
  if (swarm.status === 'planning')
    return steps.storePlan(swarm.plan?.token ?? 'planner-0', world.plan, 0, b % 3 === 0);
  if (swarm.status === 'ready') return steps.start();
  if (swarm.status === 'paused') return steps.resume();
  if (swarm.status !== 'executing') return undefined;
  const resting = being(world, 'retrying').find((task) => !task.due);
  if (being(world, 'ready').length === 0 && resting !== undefined) return steps.retryIsDue(resting.id);
  return steps.dispatch(100);
}

/** Brings the task that lost most workers so far nearer to losing another, so that some are given up. */
function loseAWorker(world: World, wish: Wish): Step | undefined {
  const worst = being(world, 'ready', 'queued', 'running', 'retrying').sort(
    (x, y) => y.crashes - x.crashes || Number(y.status === 'running') - Number(x.status === 'running'),
  )[0];
  if (worst?.status === 'queued') return claimOf(world, worst, wish);
  if (worst?.status !== 'running') return onTheWay(world, wish.b);
  const held = { taskId: worst.id, attempt: worst.attempt, token: worst.token ?? 'none' };
  if (worst.trial === 'waiting' && wish.b % 4 !== 0) return steps.tryApart(held);
  if (!worst.leaseEnded) return steps.leaseEnds(worst.id);
  return steps.reclaim(held);
}

const draw = {
  create: (world) => steps.create(world.size),
  'claim-plan': (_world, { a, odd }) => steps.claimPlan(odd ? `planner-${a % 3}` : 'planner-0'),
  'store-plan': (world, { a, b, odd }) =>
    steps.storePlan(odd ? `planner-${a % 3}` : 'planner-0', world.plan, b % 4 === 0 ? 5 * b : 0, a % 2 === 0),
  'fail-plan': (_world, { a, b, odd }) =>
    steps.failPlan(odd ? `planner-${a % 3}` : 'planner-0', b % 4 === 0 ? 5 * b : 0),
  start: () => steps.start(),
  pause: () => steps.pause(),
  resume: () => steps.resume(),
  stop: () => steps.stop('stopped'),
  'stop at the deadline': () => steps.stop('timeout'),
  delete: () => steps.remove(),
  dispatch: (_world, { a, odd }) => steps.dispatch(odd ? a % 3 : 100),
  spawn: (_world, { a }) => steps.spawn(choose(AGENT_TYPES, a) ?? 'coder'),
  terminate: (world, { a, odd }) => {
    const swarm = world.model.swarm;
    const alive = swarm === undefined ? [] : living(swarm);
    return steps.terminate((odd ? undefined : choose(alive, a)?.id) ?? agentId(a));
  },
  assign: (world, { a, b, odd }) => {
    const swarm = world.model.swarm;
    const alive = swarm === undefined ? [] : living(swarm);
    const open = being(world, 'ready', 'blocked', 'queued', 'waiting', 'suspended', 'retrying');
    const task = (odd ? undefined : choose(open, a)?.id) ?? taskId((a % 9) + 1);
    return steps.assign(task, (odd ? undefined : choose(alive, b)?.id) ?? agentId(b));
  },
  'add-task': (world, { a, b, odd }) => {
    const all = tasksOf(world).map((task) => task.id);
    const dependencies = [choose(all, a), choose(all, a + b)].filter((id) => id !== undefined);
    const wanted = b % 3 === 0 ? [] : [...new Set(odd ? [...dependencies, 'task_099'] : dependencies)];
    return steps.addTask(
      {
        dependencies: wanted,
        agentType: choose(AGENT_TYPES, b) ?? 'coder',
        priority: choose([1, 2, 3, 4] as const, a) ?? 2,
        onFailure: choose(FAILURE_POLICIES, a + b) ?? 'continue',
        maxRetries: a % 3,
      },
      b % 2 === 0 ? '' : `key-${a % 4}`,
    );
  },
  'cancel-task': (world, { a, b, odd }) => {
    const open = being(world, 'ready', 'blocked', 'queued', 'running', 'suspended', 'retrying');
    // Seldom one that ends the whole swarm.
    const mild = open.filter((task) => task.onFailure !== 'fail-swarm' || b === 0);
    return steps.cancel((odd ? undefined : choose(mild, a)?.id) ?? taskId((a % 9) + 1));
  },
  'retry-task': (world, { a, odd }) => {
    const ended = being(world, 'failed', 'cancelled', 'retrying');
    return steps.retry((odd ? undefined : choose(ended, a)?.id) ?? taskId((a % 9) + 1));
  },
  claim: aNewClaim,
  heartbeat: withClaim((one) => steps.heartbeat(one)),
  'note-model-wait': withClaim((one, _world, { b }) => steps.modelWait(one, (b % 3) + 1)),
  'append-journal': withClaim((one, world, { b, odd }) => {
    const length = world.model.swarm?.tasks.get(one.taskId)?.journal.length ?? 0;
    const index = odd ? Math.max(0, length + (b % 3) - 1) : length;
    return steps.journal(one, index, odd ? b : index, b % 2 === 0);
  }),
  'store-artifact': withClaim((one, _world, { b }) =>
    steps.artifact(one, `file-${b % 2}.txt`, `content-${b % 3}`, b % 4 !== 0),
  ),
  complete: withClaim((one, world, wish) => {
    const { a, b, odd } = wish;
    // Alone, or together with others that are at work; now and then with itself, and with one that is refused.
    const others = a % 3 === 0 ? being(world, 'running').slice(0, 1 + (b % 3)) : [];
    const together = others
      .map((task) => ({ taskId: task.id, attempt: task.attempt, token: task.token ?? 'none' }))
      .filter((other) => odd || other.taskId !== one.taskId);
    return steps.complete(
      [one, ...together].map((each, i) => {
        if ((b + i) % 3 === 0) return { one: each, onward: { token: '', places: 0 } };
        const token = `next-${world.claims.length + 1}`;
        world.claims.push({ taskId: each.taskId, attempt: each.attempt, token });
        return { one: each, onward: { token, places: 1 + ((b + i) % 4) } };
      }),
    );
  }),
  fail: withClaim((one, _world, { b }) => steps.fail(one, b % 4 !== 0, b % 4 === 3)),
  release: withClaim((one) => steps.release(one)),
  ask: withClaim((one, _world, { a, b }) => steps.ask(one, b % 3 === 0 ? [a % 4, (a + 1) % 4] : [a % 4])),
  decide: (world, { a, b, odd }) => {
    const all = [...(world.model.swarm?.approvals ?? [])];
    const pending = all.filter(([, approval]) => approval.status === 'pending');
    const id = choose(odd ? all : pending, a)?.[0];
    if (id === undefined && !odd) return undefined;
    return steps.decide(id ?? 'approval_001_0123456789ab', b % 3 === 0 ? 'denied' : 'approved');
  },
  wait: withClaim((one, world, { a, b, odd }) => {
    const others = (odd ? tasksOf(world) : being(world, ...UNENDED)).map((task) => task.id);
    const some = [choose(others, a), choose(others, b), choose(others, a + b)].slice(0, 1 + (b % 3));
    const ids = some.filter((id) => id !== undefined && (odd || id !== one.taskId)) as string[];
    return steps.wait(one, odd && b % 4 === 0 ? [...ids, 'task_099'] : ids);
  }),
  'try apart': withClaim((one) => steps.tryApart(one)),
  reclaim: withClaim((one) => steps.reclaim(one)),
  'a worker is lost': loseAWorker,
  requeue: (world, { a, odd }) => {
    const task = choose(odd ? tasksOf(world) : being(world, 'queued'), a);
    return task && steps.requeue(task.id, odd ? Math.max(1, task.attempt - 1) : task.attempt);
  },
  'a lease ends': (world, { a }) => {
    const task = choose(being(world, 'running'), a);
    return task && steps.leaseEnds(task.id);
  },
  'a retry is due': (world, { a }) => {
    const task = choose(being(world, 'retrying'), a);
    return task && steps.retryIsDue(task.id);
  },
  'the deadline passes': ({ model: { swarm } }) =>
    swarm === undefined || swarm.deadline === 'none' ? undefined : steps.deadlinePasses(),
  'the plan lease ends': ({ model: { swarm } }) =>
    swarm?.plan === undefined ? undefined : steps.planLeaseEnds(),
} satisfies Record<string, (world: World, wish: Wish) => Step | undefined>;

/** `again`: the last command once more, as after a lost reply. */
type Kind = keyof typeof draw | 'again';

/** The step that a wish comes to, or undefined when there is nothing that it could be aimed at. */
export function stepOf(world: World, wish: Wish): Step | undefined {
  if (wish.kind === 'again') return undefined;
  return draw[wish.kind](world, wish);
}

/** How often each is drawn: what makes a swarm go on often, what ends it seldom. */
const WEIGHTS: Record<Kind, number> = {
  create: 0.5,
  'claim-plan': 2,
  'store-plan': 0.5,
  'fail-plan': 0.1,
  start: 0.5,
  pause: 2,
  resume: 3,
  stop: 0.3,
  'stop at the deadline': 1,
  delete: 0.3,
  dispatch: 6,
  spawn: 2,
  terminate: 3,
  assign: 4,
  'add-task': 3,
  'cancel-task': 2,
  'retry-task': 4,
  claim: 10,
  heartbeat: 3,
  'note-model-wait': 2,
  'append-journal': 6,
  'store-artifact': 3,
  complete: 8,
  fail: 6,
  release: 3,
  ask: 4,
  decide: 6,
  wait: 4,
  'try apart': 2,
  reclaim: 3,
  'a worker is lost': 10,
  requeue: 3,
  'a lease ends': 1,
  'a retry is due': 1,
  'the deadline passes': 0.5,
  'the plan lease ends': 1,
  again: 8,
};

const kinds = Object.entries(WEIGHTS) as [Kind, number][];
const aKind = fc.oneof(
  ...kinds.map(([kind, weight]) => ({ weight: weight * 10, arbitrary: fc.constant(kind) })),
);
export const aWish: fc.Arbitrary<Wish> = fc.record({
  kind: aKind,
  a: fc.nat(11),
  b: fc.nat(11),
  odd: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});
