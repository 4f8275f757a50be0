/** What each script was asked to do with a swarm. */
const ASKED_OF_SWARM: Readonly<Record<string, string>> = {
  start: 'be started',
  stop: 'be stopped',
  pause: 'be paused',
  resume: 'be resumed',
  'add-task': 'get another task',
  'spawn-agent': 'get another agent',
  'assign-task': 'have a task assigned',
  'cancel-task': 'have a task cancelled',
  'retry-task': 'have a task retried',
  'decide-approval': 'have an approval decided',
};

/** What can be done about it, by the state in the way. */
const WAY_OUT_OF_SWARM: Readonly<Record<string, string>> = {
  planning: 'Wait until it is planned (data.planned, event swarm.planned).',
  ready: 'Start it first.',
  paused: 'Resume it first.',
  completed: 'A swarm that has ended stays as it is: create a new one.',
  failed: 'A swarm that has ended stays as it is: create a new one.',
  stopped: 'A swarm that has ended stays as it is: create a new one.',
};

/** @param script which refused it @param state the swarm's, as the script answered it */
export function swarmConflict(state: string, script: string): string {
  const asked = ASKED_OF_SWARM[script] ?? 'be changed in this way';
  if (script === 'start' && (state === 'executing' || state === 'paused')) {
    const next = state === 'paused' ? 'Resume it instead.' : 'Nothing more has to be done.';
    return `The swarm cannot be started: it was started before and is ${state}. ${next}`;
  }
  const wayOut = WAY_OUT_OF_SWARM[state];
  return `The swarm cannot ${asked}: it is ${state}.${wayOut === undefined ? '' : ` ${wayOut}`}`;
}

/** What each script was asked to do with a task, and with which tasks it can. */
const ASKED_OF_TASK: Readonly<Record<string, readonly [asked: string, possible: string]>> = {
  'cancel-task': ['be cancelled', 'Only a task that has not ended can be.'],
  'retry-task': ['be retried', 'Only a task that has failed or was cancelled can be.'],
  'assign-task': ['be assigned to an agent', 'Only a task that has not begun can be.'],
};

/** @param script which refused it @param state the task's, as the script answered it: a word, or more to read after "is" */
export function taskConflict(state: string, script: string): string {
  if (script === 'add-task') return `The task cannot be added: ${state}.`;
  const [asked, possible] = ASKED_OF_TASK[script] ?? ['be changed in this way', undefined];
  return `The task cannot ${asked}: it is ${state}.${possible === undefined ? '' : ` ${possible}`}`;
}
