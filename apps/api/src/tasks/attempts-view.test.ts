import type { SwarmEvent } from '@claude-flow/core/contracts/swarm-event';
import { expect, test } from 'vitest';
import { attemptsView } from './attempts-view.ts';

let seq = 0;
const event = (type: SwarmEvent['type'], attempt?: number, data: SwarmEvent['data'] = {}): SwarmEvent => {
  seq += 1;
  const of = attempt === undefined ? {} : { attempt, agentId: 'agent_001' };
  return { v: 1, epoch: 1, seq, type, at: seq * 1_000, swarmId: 's', taskId: 'task_001', ...of, data };
};
const outcomes = (...events: SwarmEvent[]) =>
  attemptsView(events).map(({ attempt, outcome, turns, message }) => [attempt, outcome, turns, message]);

test('each attempt has one outcome, told or not', () => {
  expect(
    outcomes(
      event('task.created'),
      event('task.assigned', 1),
      event('task.started', 1, { workerId: 'w' }),
      event('task.progress', 1),
      event('task.progress', 1),
      event('task.retrying', 1, { code: 'worker_lost', message: 'Lost.' }),
      event('task.assigned', 2),
      // A pause took it back without a word.
      event('task.assigned', 3),
      event('task.started', 3),
      event('task.suspended', 3, { message: 'Paused.' }),
      event('task.assigned', 4),
      event('task.started', 4),
      event('task.retrying', 4, { code: 'handed_back', message: 'The worker stops.' }),
      event('task.assigned', 5),
      event('task.started', 5),
      event('task.failed', 5, { code: 'poison', message: 'Given up.' }),
      event('task.retried', 5),
      event('task.assigned', 6),
    ),
  ).toEqual([
    [1, 'worker-lost', 2, 'Lost.'],
    [2, 'handed-back', 0, null],
    [3, 'suspended', 0, 'Paused.'],
    [4, 'handed-back', 0, 'The worker stops.'],
    [5, 'worker-lost', 0, 'Given up.'],
    [6, 'queued', 0, null],
  ]);
});

test('refused calls are counted and the last is named; they, and failed calls of the model, are no turns', () => {
  const refused = [
    { tool: 'read_file', message: 'First.' },
    { tool: 'write_file', message: 'No "write" permission.' },
  ];
  const [attempt] = attemptsView([
    event('task.assigned', 1),
    event('task.started', 1),
    event('task.progress', 1, { turn: 1, tools: ['read_file'] }),
    event('task.progress', 1, { turn: 1, refusedCalls: 7, refused }),
    event('task.progress', 1, { turn: 2, failed: true, reason: 'It broke off.' }),
    event('task.progress', 1, { waitingUntil: 1_000, reason: 'Slow down.' }),
    event('task.progress', 1, { turn: 2, refusedCalls: 1, refused: 'of another version' }),
  ]);
  expect(attempt).toMatchObject({
    turns: 1,
    refusedCalls: 8,
    lastRefusal: 'write_file: No "write" permission.',
  });
});

test('what is left of a history whose beginning is gone', () => {
  expect(outcomes(event('task.started', 3), event('task.completed', 3))).toEqual([]);
  expect(attemptsView([])).toEqual([]);
});
