import type { CreateSwarmOptions, NewTask } from 'claude-flow/client';
import type { Random } from './random.ts';

export interface Workload {
  objective: string;
  options: CreateSwarmOptions;
  /** Its agents ask, and somebody has to answer. */
  asking?: boolean;
}

const task = (
  key: string,
  agentType: NonNullable<NewTask['agentType']>,
  dependencies: string[] = [],
): NewTask => ({
  key,
  name: `Part ${key}`,
  description: `Write the part named ${key}.`,
  agentType,
  dependencies,
  requirements: { permissions: ['read', 'write'] },
});

/** Three tasks, two of them side by side, in the caller's own graph. Objectives differ, so that no two conversations are alike. */
export function smallSwarm(label: string): Workload {
  return {
    objective: `Three short parts for ${label}`,
    options: {
      autoStart: true,
      tasks: [task('left', 'coder'), task('right', 'researcher'), task('join', 'analyst', ['left', 'right'])],
    },
  };
}

/** The same, but no file is written without a person's approval. */
export function askingSwarm(label: string): Workload {
  const { objective, options } = smallSwarm(label);
  return { objective, options: { ...options, options: { toolPolicy: { write_file: 'ask' } } }, asking: true };
}

/** One that a scheduler has to plan. */
export function plannedSwarm(label: string): Workload {
  return {
    objective: `Research short facts about ${label}`,
    options: { autoStart: true, strategy: 'research' },
  };
}

/** The smallest. */
export function oneTask(label: string): Workload {
  const part = task('only', 'researcher');
  return { objective: `One short part for ${label}`, options: { autoStart: true, tasks: [part] } };
}

/** How far back a task's dependency may lie: the graph is wide, and yet some hundred steps deep. */
const REACH = 400;

/** Tasks by the thousand, most of which wait for an earlier one. As short as they may be: a body has 1 MiB. */
export function wideGraph(random: Random, label: string, tasks: number): Workload {
  const graph = Array.from({ length: tasks }, (_, index): NewTask => {
    const after = Math.max(0, index - random.integer(1, REACH));
    const dependencies = index === 0 ? [] : [String(after)];
    return { key: String(index), name: 'One', description: 'Say: done.', dependencies };
  });
  return {
    objective: `Very many parts for ${label}`,
    options: { autoStart: true, tasks: graph, maxAgents: 50, timeout: 3_600_000 },
  };
}

/** A diamond, a chain, a fan, one whose agents ask people, or one to be planned. */
export function randomSwarm(random: Random, label: string): Workload {
  const shape = random.pick(['diamond', 'chain', 'fan', 'asking', 'planned'] as const);
  if (shape === 'planned') return plannedSwarm(label);
  if (shape === 'asking') return askingSwarm(label);
  const tasks = {
    diamond: [
      task('top', 'architect'),
      task('left', 'coder', ['top']),
      task('right', 'researcher', ['top']),
      task('bottom', 'analyst', ['left', 'right']),
    ],
    chain: [task('a', 'researcher'), task('b', 'analyst', ['a']), task('c', 'coder', ['b'])],
    fan: [
      ...['one', 'two', 'three', 'four'].map((key) => task(key, 'researcher')),
      task('all', 'analyst', ['one', 'two', 'three', 'four']),
    ],
  }[shape];
  return { objective: `A ${shape} of parts for ${label}`, options: { autoStart: true, tasks } };
}
