import { expect, test } from 'vitest';
import { TASK_STATUSES } from '../domain/states.ts';
import { OUTCOME, outcomeError } from './outcomes.ts';

test.each([
  [
    'pause',
    'completed',
    'The swarm cannot be paused: it is completed. A swarm that has ended stays as it is: create a new one.',
  ],
  ['pause', 'ready', 'The swarm cannot be paused: it is ready. Start it first.'],
  [
    'resume',
    'planning',
    'The swarm cannot be resumed: it is planning. Wait until it is planned (data.planned, event swarm.planned).',
  ],
  [
    'start',
    'executing',
    'The swarm cannot be started: it was started before and is executing. Nothing more has to be done.',
  ],
  ['start', 'paused', 'The swarm cannot be started: it was started before and is paused. Resume it instead.'],
  [
    'spawn-agent',
    'stopped',
    'The swarm cannot get another agent: it is stopped. A swarm that has ended stays as it is: create a new one.',
  ],
])('%s of a swarm that is %s says what was asked and what can be done', (script, state, sentence) => {
  expect(outcomeError(OUTCOME.swarmState, state, script).message).toBe(sentence);
});

test.each(['cancel-task', 'retry-task', 'assign-task'])('%s says so in every state of the task', (script) => {
  for (const status of TASK_STATUSES) {
    const { message } = outcomeError(OUTCOME.taskState, status, script);
    expect(message).toMatch(
      /^The task cannot be (cancelled|retried|assigned to an agent): it is \w+\. Only a task that .* can be\.$/,
    );
  }
});

test('a task that needs one which failed is not said to be that one', () => {
  const { message } = outcomeError(
    OUTCOME.taskState,
    'task_001 is failed, so that a task depending on it could never run',
    'add-task',
  );
  expect(message).toBe(
    'The task cannot be added: task_001 is failed, so that a task depending on it could never run.',
  );
});
