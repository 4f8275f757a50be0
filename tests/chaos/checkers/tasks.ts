import { ATTEMPT_WRITES, perSwarm, TASK_ENDS } from './violation.ts';

export const oneResultATask = perSwarm('one result a task', ({ tasks, log }) => {
  const completions = new Map<string | undefined, number>();
  for (const { type, taskId } of log)
    if (type === 'task.completed') completions.set(taskId, (completions.get(taskId) ?? 0) + 1);
  return tasks.flatMap((task) => {
    const results = completions.get(task.id) ?? 0;
    const expected = task.status === 'completed' ? 1 : 0;
    return [
      ...(results === expected ? [] : [`${task.id} is ${task.status} and has completed ${results} times.`]),
      ...(task.hasOutput === (expected === 1)
        ? []
        : [`${task.id} is ${task.status} and ${task.hasOutput ? 'has' : 'lacks'} a result.`]),
    ];
  });
});

/** When the swarm has ended, so has each of its tasks. */
export const everyTaskEnds = perSwarm('every swarm ends', ({ status, tasks }) =>
  status === 'completed' || status === 'failed'
    ? tasks
        .filter((task) => !TASK_ENDS.includes(`task.${task.status}`))
        .map((task) => `The swarm is ${status}, yet ${task.id} is ${task.status}.`)
    : [],
);

export const dependenciesFirst = perSwarm(
  'a dependency completes before its dependant starts',
  ({ tasks, log }) => {
    const completedAt = new Map<string, number>();
    const startedAt = new Map<string, number>();
    for (const { type, taskId, seq } of log) {
      const first = { 'task.completed': completedAt, 'task.started': startedAt }[type];
      if (taskId !== undefined && first?.has(taskId) === false) first.set(taskId, seq);
    }
    return tasks.flatMap((task) => {
      const started = startedAt.get(task.id);
      if (started === undefined) return [];
      return task.dependencies
        .filter((id) => (completedAt.get(id) ?? Number.POSITIVE_INFINITY) > started)
        .map((id) => `${task.id} started (event ${started}) before ${id} had completed.`);
    });
  },
);

export const attemptsOnlyRise = perSwarm(
  'attempts only rise and no lower attempt writes after a higher',
  ({ log }) => {
    const seen: string[] = [];
    /** The highest attempt that began, and whether it still has the task. */
    const tasks = new Map<string, { attempt: number; open: boolean }>();
    for (const { type, taskId, attempt, seq } of log) {
      if (taskId === undefined || attempt === undefined) continue;
      const known = tasks.get(taskId) ?? { attempt: 0, open: false };
      const what = `Event ${seq} (${type} of ${taskId}, attempt ${attempt})`;
      if (type === 'task.started') {
        if (attempt <= known.attempt) seen.push(`${what} comes after attempt ${known.attempt} had started.`);
        tasks.set(taskId, { attempt: Math.max(attempt, known.attempt), open: true });
      } else if (type === 'task.retrying' || type === 'task.suspended') {
        if (attempt >= known.attempt) tasks.set(taskId, { attempt: known.attempt, open: false });
      } else if (ATTEMPT_WRITES.includes(type)) {
        if (attempt < known.attempt) seen.push(`${what} comes after attempt ${known.attempt} had started.`);
        else if (!known.open) seen.push(`${what} comes although that attempt did not have the task.`);
      }
    }
    return seen;
  },
);
