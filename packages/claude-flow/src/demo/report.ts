import type { SwarmDetails } from '../client/types.ts';
import type { ResultsAnswer } from '../client/types-results.ts';
import type { TaskInfo } from '../client/types-tasks.ts';
import { cut, fit, wrap } from '../terminal/columns.ts';
import { palette } from '../terminal/palette.ts';
import { formatCost, formatCount, formatDuration } from '../terminal/quantities.ts';
import { safeLine, safeText } from '../terminal/safe-text.ts';
import type { SavedArtifacts } from './save-artifacts.ts';

export interface DemoReport {
  swarm: SwarmDetails;
  tasks: readonly TaskInfo[];
  results: ResultsAnswer['results'];
  saved: SavedArtifacts;
  /** As it is to be shown. */
  folder: string;
  /** Which process ran which tasks. */
  ranOn: readonly { worker: string; taskIds: readonly string[] }[];
  modelSentence: string;
}

export interface ReportOptions {
  columns: number;
  colours: boolean;
}

/** Text wider than this is hard to read, however wide the terminal. */
const READABLE = 100;
const MAX_FILES_NAMED = 20;
const MAX_SUMMARY_LINES = 24;
const MAX_CONFLICTS_NAMED = 10;

const shortId = (taskId: string) => taskId.replace(/^task_0*/, '');

function summaryOf({ tasks, results }: DemoReport): string {
  const synthesis = tasks.findLast((task) => task.agentType === 'synthesizer' && task.result !== null);
  return safeText(synthesis?.result?.summary || (results.summary ?? ''));
}

function taskLines(tasks: readonly TaskInfo[], columns: number): string[] {
  const width = Math.min(30, Math.max(...tasks.map((task) => safeLine(task.name).length)));
  return tasks.map((task) => {
    const told = task.result?.summary || task.error?.message || task.status;
    return cut(
      `${shortId(task.id.id).padStart(3)} ${fit(safeLine(task.name), width)}  ${safeLine(told)}`,
      columns,
    );
  });
}

function totals({ swarm, results }: DemoReport): string {
  const { usage } = swarm;
  const tokens = usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  const wall =
    swarm.endedAt === null
      ? results.totalExecutionTime
      : Date.parse(swarm.endedAt) - Date.parse(swarm.createdAt);
  const { completedTasks, totalTasks } = swarm.progress;
  const spent = `${formatCount(tokens)} tokens (planning included), ${formatCost(usage.costUsd)}`;
  return `${completedTasks} of ${totalTasks} tasks in ${formatDuration(wall)}, ${spent}`;
}

function fileLines({ saved, folder }: DemoReport, columns: number): string[] {
  if (saved.files.length === 0) return [];
  const named = saved.files.slice(0, MAX_FILES_NAMED).map((file) => cut(`  ${safeLine(file)}`, columns));
  const more = saved.files.length - named.length;
  return [
    `Files: ${saved.files.length} in ${folder}`,
    ...named,
    ...(more > 0 ? [`  … and ${more} more`] : []),
    ...(saved.refused.length > 0
      ? [`  not written, unsafe or taken: ${saved.refused.map(safeLine).join(', ')}`]
      : []),
    ...saved.conflicts.slice(0, MAX_CONFLICTS_NAMED).map((conflict) => `  ${safeLine(conflict)}`),
    '',
  ];
}

/** What the demo says at its end. Pure. */
export function renderReport(report: DemoReport, options: ReportOptions): string[] {
  const { swarm } = report;
  const columns = Math.min(options.columns, READABLE);
  const paint = palette(options.colours);
  const failed = swarm.status === 'failed';
  const verdict = failed
    ? paint.bad(`Failed: ${safeLine(swarm.message ?? swarm.reason ?? 'no reason given')}`)
    : paint.good('Completed.');
  const summary = wrap(summaryOf(report), columns);
  const shown = summary.slice(0, MAX_SUMMARY_LINES);
  return [
    verdict,
    '',
    ...(summary.join('') === '' ? [] : [...shown, ...(summary.length > shown.length ? ['…'] : []), '']),
    ...(report.tasks.length === 0
      ? []
      : [paint.bold('Results by task'), ...taskLines(report.tasks, options.columns), '']),
    ...report.ranOn.map(({ worker, taskIds }) => `${worker} ran ${taskIds.map(shortId).join(', ')}`),
    totals(report),
    '',
    ...fileLines(report, options.columns),
    report.modelSentence,
  ];
}
