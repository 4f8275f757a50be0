import { cut, fit } from './columns.ts';
import { type Palette, palette } from './palette.ts';
import {
  isEnded,
  type SwarmProgress,
  type TaskPhase,
  type TaskProgress,
  totalSpent,
} from './progress-state.ts';
import { formatCost, formatCount, formatDuration } from './quantities.ts';

export interface FrameOptions {
  columns: number;
  /** Lines the frame may take; tasks that do not fit are summed up. Infinity for all. */
  rows: number;
  colours: boolean;
  /** Milliseconds since 1970, by the server's clock. */
  now: number;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const SPINNER_STEP_MS = 100;
const HEADER_LINES = 3;

const MARK: Record<Exclude<TaskPhase, 'running'>, string> = {
  waiting: '·',
  assigned: '○',
  retrying: '↻',
  completed: '✓',
  failed: '✗',
  cancelled: '-',
  skipped: '-',
};

const paintOf: Record<TaskPhase, keyof Palette> = {
  waiting: 'dim',
  assigned: 'active',
  running: 'active',
  retrying: 'warn',
  completed: 'good',
  failed: 'bad',
  cancelled: 'dim',
  skipped: 'dim',
};

/** Columns given up one after the other as a terminal gets narrower; the name keeps what is left. */
const WIDTHS = { state: 9, agent: 15, time: 7, tokens: 7, cost: 8 };
const LEAST_NAME = 22;
const NARROW_ORDER = ['tokens', 'agent', 'cost', 'state', 'time'] as const;
type Column = (typeof NARROW_ORDER)[number];

/** Which columns fit, and how wide the task's name may be. */
function layout(columns: number): { shown: ReadonlySet<Column>; name: number } {
  const shown = new Set<Column>(NARROW_ORDER);
  const left = () => columns - 2 - [...shown].reduce((sum, column) => sum + WIDTHS[column] + 1, 0);
  for (const column of NARROW_ORDER) {
    if (left() >= LEAST_NAME) break;
    shown.delete(column);
  }
  return { shown, name: Math.max(1, left()) };
}

function elapsed(task: TaskProgress, now: number): string {
  if (task.startedAt === undefined) return '';
  return formatDuration((task.endedAt ?? now) - task.startedAt);
}

function nameOf(task: TaskProgress, state: SwarmProgress): string {
  if (task.phase === 'waiting') {
    const open = task.dependencies.filter((id) => state.tasks[id]?.phase !== 'completed');
    if (open.length > 0)
      return `${task.name} (after ${open.map((id) => id.replace(/^task_0*/, '')).join(', ')})`;
  }
  const note = task.note === undefined || task.note === '' ? '' : `: ${task.note}`;
  return isEnded(task.phase) && task.phase !== 'failed' ? task.name : task.name + note;
}

function taskLine(task: TaskProgress, state: SwarmProgress, options: FrameOptions, paint: Palette): string {
  const { shown, name } = layout(options.columns);
  const spin = SPINNER[Math.floor(options.now / SPINNER_STEP_MS) % SPINNER.length] ?? '*';
  const mark = task.phase === 'running' ? spin : MARK[task.phase];
  const colour = paint[paintOf[task.phase]];
  const number = task.id.replace(/^task_0*/, '');
  const cells = [colour(mark), fit(`${number.padStart(2)} ${nameOf(task, state)}`, name)];
  const add = (column: Column, text: string, align: 'left' | 'right', dress: (text: string) => string) => {
    if (shown.has(column)) cells.push(dress(fit(text, WIDTHS[column], align)));
  };
  add('state', task.phase, 'left', colour);
  add('agent', task.agent ?? task.agentType, 'left', paint.dim);
  add('time', elapsed(task, options.now), 'right', (text) => text);
  add('tokens', task.tokens === 0 ? '' : formatCount(task.tokens), 'right', paint.dim);
  add('cost', task.tokens === 0 ? '' : formatCost(task.costUsd), 'right', paint.dim);
  return cells.join(' ').trimEnd();
}

const IMPORTANCE: TaskPhase[] = [
  'running',
  'retrying',
  'failed',
  'assigned',
  'waiting',
  'completed',
  'skipped',
  'cancelled',
];

/** The tasks to show when not all fit, in the order of the plan, and what the others are in words. */
function select(tasks: TaskProgress[], rows: number): { shown: TaskProgress[]; others: string | undefined } {
  if (tasks.length <= rows) return { shown: tasks, others: undefined };
  const byImportance = [...tasks].sort((a, b) => IMPORTANCE.indexOf(a.phase) - IMPORTANCE.indexOf(b.phase));
  const chosen = new Set(byImportance.slice(0, Math.max(0, rows - 1)));
  const counts = new Map<TaskPhase, number>();
  for (const task of tasks) if (!chosen.has(task)) counts.set(task.phase, (counts.get(task.phase) ?? 0) + 1);
  const others = [...counts].map(([phase, count]) => `${count} ${phase}`).join(', ');
  return { shown: tasks.filter((task) => chosen.has(task)), others: `… and ${others}` };
}

function statusLine(state: SwarmProgress, now: number): string {
  const tasks = Object.values(state.tasks);
  const done = tasks.filter((task) => task.phase === 'completed').length;
  const spent = totalSpent(state);
  const parts = [state.status];
  if (tasks.length > 0) parts.push(`${done}/${tasks.length} tasks`);
  if (state.createdAt !== undefined) parts.push(formatDuration((state.endedAt ?? now) - state.createdAt));
  if (spent.tokens > 0) parts.push(`${formatCount(spent.tokens)} tokens`, formatCost(spent.costUsd));
  if (state.files > 0) parts.push(`${state.files} ${state.files === 1 ? 'file' : 'files'}`);
  if (state.plan?.degraded) parts.push('plan: template, the model gave none that could be used');
  return parts.join(' · ');
}

const STATUS_PAINT: Record<string, keyof Palette> = { completed: 'good', failed: 'bad', stopped: 'warn' };

/** The lines of one picture of a swarm, none wider than the terminal. Pure: same state and options, same lines. */
export function renderFrame(state: SwarmProgress, options: FrameOptions): string[] {
  const paint = palette(options.colours);
  const status = cut(statusLine(state, options.now), options.columns);
  const { shown, others } = select(Object.values(state.tasks), options.rows - HEADER_LINES);
  return [
    paint.bold(cut(state.objective, options.columns)),
    paint[STATUS_PAINT[state.status] ?? 'active'](status),
    '',
    ...shown.map((task) => taskLine(task, state, options, paint)),
    ...(others === undefined ? [] : [paint.dim(cut(others, options.columns))]),
  ];
}
