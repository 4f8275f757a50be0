import { describe, expect, test } from 'vitest';
import {
  absenceCounts,
  classifyKey,
  classifySwarm,
  classifyTask,
  classifyWorker,
  GHOST_AFTER_MS,
  type KeyFacts,
  NEVER_STARTED_MS,
  PLAN_REQUEST_GRACE_MS,
  type SwarmFacts,
} from './stale.ts';

const NOW = 1_000_000_000;

describe('a task whose worker is gone', () => {
  const task = { attempt: 1, token: 't' };
  test.each([
    [
      'runs: taken back whatever its lease',
      { task: { ...task, status: 'running' }, leaseUntil: NOW + 1 },
      'worker-gone',
    ],
    [
      'is queued, delivered to it',
      { task: { ...task, status: 'queued', queuedAt: NOW }, job: 'active' },
      'delivery-lost',
    ],
    [
      'is queued, its job waits for others',
      { task: { ...task, status: 'queued', queuedAt: NOW }, job: 'waiting' },
      'healthy',
    ],
    ['has completed', { task: { ...task, status: 'completed' } }, 'healthy'],
    ['waits for a decision', { task: { ...task, status: 'waiting' } }, 'healthy'],
    ['was suspended before', { task: { ...task, status: 'suspended' } }, 'healthy'],
  ] as const)('%s', (_name, seen, verdict) => {
    expect(classifyTask({ ...seen, workerGone: true }, NOW)).toBe(verdict);
  });
});

describe('a swarm', () => {
  const sound: SwarmFacts = {
    exists: true,
    status: 'executing',
    planned: true,
    planWaiting: false,
    indexedAt: NOW - 10_000,
    openCount: 3,
    placedCount: 3,
    suspendedCount: 0,
  };
  const planning = { status: 'planning', planned: false, openCount: 0, placedCount: 0 } as const;
  const idle = { lastEventAt: NOW - NEVER_STARTED_MS };
  const cases: [string, Partial<SwarmFacts>, ReturnType<typeof classifySwarm>][] = [
    ['at work', {}, 'healthy'],
    ['an old index entry', { exists: false, indexedAt: NOW - GHOST_AFTER_MS }, 'ghost'],
    ['a young index entry', { exists: false, indexedAt: NOW - GHOST_AFTER_MS + 1 }, 'healthy'],
    ['completed', { status: 'completed', openCount: 0, placedCount: 0 }, 'finished'],
    ['stopped, past its deadline', { status: 'stopped', deadlineAt: NOW - 1 }, 'finished'],
    ['at its deadline', { deadlineAt: NOW }, 'deadline-passed'],
    ['before its deadline', { deadlineAt: NOW + 1 }, 'healthy'],
    [
      'paused past its deadline: the pause does not count',
      { status: 'paused', deadlineAt: NOW - 1 },
      'healthy',
    ],
    [
      'start remembered, past its deadline',
      { ...planning, startRequested: true, deadlineAt: NOW - 1 },
      'deadline-passed',
    ],
    ['planned, never started', { status: 'ready', ...idle }, 'never-started'],
    ['planned, not started yet', { status: 'ready', lastEventAt: NOW - NEVER_STARTED_MS + 1 }, 'healthy'],
    ['never planned, never started', { ...planning, ...idle }, 'never-started'],
    ['start remembered long ago, plan lost', { ...planning, startRequested: true, ...idle }, 'plan-lost'],
    ['plan never asked for', { ...planning, indexedAt: NOW - PLAN_REQUEST_GRACE_MS }, 'plan-lost'],
    ['plan asked for just now', { ...planning, indexedAt: NOW - PLAN_REQUEST_GRACE_MS + 1 }, 'healthy'],
    ['plan request waits', { ...planning, planWaiting: true }, 'healthy'],
    ['planner at it', { ...planning, planLeaseUntil: NOW + 1 }, 'healthy'],
    ['planner lost', { ...planning, planLeaseUntil: NOW }, 'plan-lost'],
    ['nothing open', { openCount: 0, placedCount: 0 }, 'unsettled'],
    ['paused with nothing open', { status: 'paused', openCount: 0, placedCount: 0 }, 'unsettled'],
    ['ready with nothing open', { status: 'ready', openCount: 0, placedCount: 0 }, 'healthy'],
    ['a task in no place', { openCount: 3, placedCount: 2 }, 'misplaced'],
    ['a task in two places', { openCount: 3, placedCount: 4 }, 'misplaced'],
    ['paused, with suspended tasks', { status: 'paused', suspendedCount: 1 }, 'healthy'],
    ['resumed, with suspended tasks', { suspendedCount: 1 }, 'misplaced'],
  ];
  test.each(cases)('%s', (_name, facts, verdict) => {
    expect(classifySwarm({ ...sound, ...facts }, NOW)).toBe(verdict);
  });
});

describe('a key', () => {
  const sound: KeyFacts = {
    swarmExists: true,
    status: 'executing',
    inActiveIndex: true,
    inOwnerIndex: true,
    expires: false,
  };
  const ended = { status: 'completed', inActiveIndex: false } as const;
  const cases: [string, Partial<KeyFacts>, ReturnType<typeof classifyKey>][] = [
    ['of a swarm at work', {}, 'healthy'],
    ['of a swarm that is gone', { swarmExists: false }, 'ownerless'],
    ['of a swarm that is being written, or expires', { swarmExists: false, expires: true }, 'healthy'],
    ['of a swarm at work in no index', { inActiveIndex: false }, 'not-indexed'],
    ['of a paused swarm in no index', { status: 'paused', inActiveIndex: false }, 'not-indexed'],
    ['of an ended swarm, put away', { ...ended, expires: true }, 'healthy'],
    ['of an ended swarm, put away, but it stays', ended, 'no-expiry'],
    ['of an ended swarm that the sweep will put away', { status: 'completed' }, 'healthy'],
    ['of a swarm missing in its owner’s list', { inOwnerIndex: false }, 'not-listed'],
    ['of an ended swarm missing there', { ...ended, expires: true, inOwnerIndex: false }, 'not-listed'],
  ];
  test.each(cases)('%s', (_name, facts, verdict) => {
    expect(classifyKey({ ...sound, ...facts })).toBe(verdict);
  });
});

test('a worker is gone only when it is missed twice in a row', () => {
  expect(classifyWorker({ connected: true })).toBe('connected');
  expect(classifyWorker({ connected: false })).toBe('missed');
  expect(classifyWorker({ connected: false, missedAt: NOW })).toBe('gone');
  expect(classifyWorker({ connected: true, missedAt: NOW })).toBe('connected');
});

test('absence means nothing after a start of Redis, or when everybody was cut off', () => {
  expect(absenceCounts({ serverUpMs: 5_000, oldestOfOursMs: 5_000 }, 5_000)).toBe(true);
  expect(absenceCounts({ serverUpMs: 4_000, oldestOfOursMs: 5_000 }, 5_000)).toBe(false);
  expect(absenceCounts({ serverUpMs: 9_000_000, oldestOfOursMs: 1_000 }, 5_000)).toBe(false);
});
