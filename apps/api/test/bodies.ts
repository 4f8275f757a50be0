/** Bodies of create requests that the tests share. */
export const OBJECTIVE = 'Build a REST API for user management';

const task = (key: string, dependencies: string[] = []) => ({
  key,
  name: `Task ${key}`,
  description: `Do ${key}, and do it well`,
  type: 'coding',
  agentType: 'coder',
  dependencies,
});

/** b and c need a, d needs both. */
export const DIAMOND = [task('a'), task('b', ['a']), task('c', ['a']), task('d', ['b', 'c'])];

export const diamondSwarm = { objective: OBJECTIVE, strategy: 'development', tasks: DIAMOND };
