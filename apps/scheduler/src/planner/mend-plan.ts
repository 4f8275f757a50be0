import type { Plan, PlannedTask } from '@claude-flow/core/contracts/plan';
import { cutText } from '@claude-flow/core/domain/cut-text';
import { mendTask, plainKey } from './mend-task.ts';

/** A plan in the right shape, whose graph is not checked yet, and what was mended for it. */
export interface MendedPlan {
  plan: Plan;
  mended: string[];
  /** Entries of its list that say nothing: nobody could do them. */
  empty: number;
}

/** Names under which models put the list of tasks. */
const LISTS = ['tasks', 'steps', 'subtasks', 'plan', 'tasklist', 'nodes', 'items'];
/** Objects around a plan: {"result": {"plan": {"tasks": ...}}} is three deep. */
const MAX_DEPTH = 4;
const MAX_SUMMARY = 2_000;

/** @returns undefined when there is no list of tasks in this value */
export function mendPlan(value: unknown): MendedPlan | undefined {
  const found = findTasks(value, MAX_DEPTH);
  if (found === undefined) return undefined;
  const mended: string[] = found.around;
  const tasks: PlannedTask[] = [];
  let empty = 0;
  for (const [index, raw] of found.tasks.entries()) {
    const task = mendTask(raw, index + 1, (what) => mended.push(what));
    if (task === undefined) empty += 1;
    else tasks.push(task);
  }
  const summary = typeof found.summary === 'string' ? found.summary.toWellFormed().trim() : '';
  if (summary === '') mended.push('The plan had no summary.');
  const plan: Plan = {
    summary:
      summary === '' ? `${tasks.length} tasks for the objective.` : cutText(summary, MAX_SUMMARY, '...'),
    tasks: withKnownDependencies(tasks, mended),
  };
  return { plan, mended, empty };
}

interface FoundTasks {
  tasks: readonly unknown[];
  summary?: unknown;
  /** What was unwrapped, in sentences. */
  around: string[];
}

function findTasks(value: unknown, depth: number): FoundTasks | undefined {
  if (Array.isArray(value)) {
    const isList = value.some(isTaskLike);
    return isList ? { tasks: value, around: ['The answer was a bare list of tasks.'] } : undefined;
  }
  if (typeof value !== 'object' || value === null || depth === 0) return undefined;
  const entries = Object.entries(value);
  const summary = Object.hasOwn(value, 'summary') ? (value as { summary: unknown }).summary : undefined;
  for (const list of LISTS) {
    const [name, inner] = entries.find(([key]) => key.toLowerCase().replace(/[\s_-]/g, '') === list) ?? [];
    if (Array.isArray(inner) && (list === 'tasks' || inner.some(isTaskLike))) {
      const around = name === 'tasks' ? [] : [`Its list of tasks was called "${name}".`];
      return { tasks: inner, summary, around };
    }
    if (list === 'tasks' && isMapOfTasks(inner)) {
      const tasks = Object.entries(inner).map(([key, task]) => ({ key, ...task }));
      return { tasks, summary, around: ['Its tasks were an object and not a list.'] };
    }
  }
  for (const [name, inner] of entries) {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) continue;
    const found = findTasks(inner, depth - 1);
    if (found === undefined) continue;
    const around = [`The plan stood inside "${cutText(name, 40)}".`, ...found.around];
    return { tasks: found.tasks, summary: found.summary ?? summary, around };
  }
  return undefined;
}

function isTaskLike(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return mendTask(value, 1, () => undefined) !== undefined;
}

function isMapOfTasks(value: unknown): value is Record<string, object> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const inner = Object.values(value);
  return inner.length > 0 && inner.every(isTaskLike);
}

/** Dependencies that name a task in another spelling, or by its name, get its key. Others stay: the check names them. */
function withKnownDependencies(tasks: readonly PlannedTask[], mended: string[]): PlannedTask[] {
  const keys = new Set(tasks.map((task) => task.key));
  const byKey = unambiguous(tasks, ({ key }) => key);
  const byName = unambiguous(tasks, ({ name }) => name);
  return tasks.map((task) => {
    const dependsOn = task.dependsOn.map((given) => {
      const meant = keys.has(given) ? given : (byKey.get(plainKey(given)) ?? byName.get(plainKey(given)));
      if (meant === undefined || meant === given) return given;
      mended.push(`Task "${task.key}": its dependency "${given}" was read as "${meant}".`);
      return meant;
    });
    return { ...task, dependsOn: [...new Set(dependsOn)] };
  });
}

/** Keys by another spelling. Two tasks that answer to the same one: neither is meant for sure. */
function unambiguous(tasks: readonly PlannedTask[], by: (task: PlannedTask) => string): Map<string, string> {
  const spellings = Map.groupBy(tasks, (task) => plainKey(by(task)));
  return new Map(
    [...spellings].flatMap(([spelling, [task, ...others]]) =>
      task === undefined || others.length > 0 ? [] : [[spelling, task.key] as const],
    ),
  );
}
