import { cutText } from '@claude-flow/core/domain/cut-text';
import { escapeAttribute, escapeLine, escapeMarkup } from '@claude-flow/core/domain/escape-markup';
import type { FileConflict } from '@claude-flow/core/domain/merge-files';
import type { ArtifactEntry, TaskSpec } from '@claude-flow/core/domain/task';
import {
  DEPENDENCY_CHARS,
  DEPENDENCY_OUTPUT_CHARS,
  FIRST_MESSAGE_FILES,
  SUMMARY_CHARS,
} from '../tunables.ts';
import { conflictPath, longOutputPath } from '../workspace/fill-workspace.ts';
import type { Upstream } from '../workspace/read-upstream.ts';

export interface FirstMessageInput {
  objective: string;
  spec: TaskSpec;
  /** The tasks that this one depends on directly. */
  dependencies: readonly Upstream[];
  files: readonly { path: string; size: number }[];
  conflicts: readonly FileConflict<ArtifactEntry>[];
}

/** All that an agent is told about its task. Pure; depends on nothing but the ledger. */
export function firstMessage(input: FirstMessageInput): string {
  const { spec } = input;
  const sections = [
    element('objective', escapeMarkup(input.objective.trim())),
    taskElement(spec),
    element('dependencies', input.dependencies.map((dependency) => summaryOf(dependency, input)).join('\n')),
    detailsOf(input),
    element('files', fileLines(input.files)),
    conflictsOf(input.conflicts),
  ];
  return sections.filter((section) => section !== '').join('\n');
}

/** Dependencies' outputs that do not fit into the message, by task id. They become files. */
export function longOutputs(dependencies: readonly Upstream[]): Map<string, string> {
  const room = outputRoom(dependencies);
  return new Map(
    dependencies
      .map(({ view, result }) => [view.spec.id, result?.output ?? ''] as const)
      .filter(([, output]) => output.length > room),
  );
}

function taskElement(spec: TaskSpec): string {
  const parts = [
    element('name', escapeLine(spec.name)),
    element('description', escapeMarkup(spec.description.trim())),
  ];
  if (spec.expectedOutput !== undefined)
    parts.push(element('expected_output', escapeMarkup(spec.expectedOutput.trim())));
  return `<task id="${spec.id}" type="${spec.type}">\n${parts.join('\n')}\n</task>`;
}

function summaryOf({ view, result }: Upstream, { dependencies }: FirstMessageInput): string {
  const room = Math.min(SUMMARY_CHARS, share(dependencies));
  const text =
    result?.summary ??
    `This task failed and left no result: ${view.state.errorMessage ?? 'no reason is known'}`;
  const { id, name, agentType } = view.spec;
  return `<dependency id="${id}" name="${escapeAttribute(name)}" agent="${escapeAttribute(agentType)}">\n${escapeMarkup(cutText(text.trim(), room, ' [...]'))}\n</dependency>`;
}

/** What the summaries leave out: decisions, open questions, outputs. */
function detailsOf({ dependencies }: FirstMessageInput): string {
  const room = outputRoom(dependencies);
  const details = dependencies.flatMap(({ view, result }) => {
    if (result === undefined) return [];
    const parts = [list('Decisions', result.decisions), list('Open questions', result.openQuestions)];
    if (result.output.length > room) {
      const rest = `[cut here; the whole text is in ${longOutputPath(view.spec.id)}]`;
      parts.push(`Output:\n${escapeMarkup(cutText(result.output.trim(), room))}\n${rest}`);
    } else if (result.output !== '') {
      parts.push(`Output:\n${escapeMarkup(result.output.trim())}`);
    }
    const text = parts.filter((part) => part !== '').join('\n\n');
    return text === '' ? [] : [`<details id="${view.spec.id}">\n${text}\n</details>`];
  });
  return details.length === 0 ? '' : element('dependency_details', details.join('\n'));
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0
    ? ''
    : `${title}:\n${items.map((item) => `- ${escapeMarkup(item.trim())}`).join('\n')}`;
}

function fileLines(files: FirstMessageInput['files']): string {
  const lines = files
    .slice(0, FIRST_MESSAGE_FILES)
    .map(({ path, size }) => `${escapeLine(path)} (${size} bytes)`);
  if (files.length > lines.length) lines.push(`... and ${files.length - lines.length} more; see list_files`);
  return lines.join('\n');
}

function conflictsOf(conflicts: readonly FileConflict<ArtifactEntry>[]): string {
  if (conflicts.length === 0) return '';
  const lines = conflicts.map(({ path, versions }) => {
    const shown = escapeLine(path);
    const places = versions.map(({ taskId }) => escapeLine(conflictPath(taskId, path))).join(' and ');
    if (versions.length === 1)
      return `${shown}: a file of ${versions[0]?.taskId}, where another task left a folder; it is ${places}.`;
    return `${shown}: changed differently by ${versions.map(({ taskId }) => taskId).join(' and ')}; the versions are ${places}. Merge them and write the result to ${shown}.`;
  });
  return element('conflicts', lines.join('\n'));
}

/** Characters that each dependency may take when all share alike. */
function share(dependencies: readonly unknown[]): number {
  return Math.max(200, Math.floor(DEPENDENCY_CHARS / Math.max(1, dependencies.length)));
}

function outputRoom(dependencies: readonly unknown[]): number {
  return Math.min(DEPENDENCY_OUTPUT_CHARS, share(dependencies));
}

function element(name: string, body: string): string {
  return body === '' ? `<${name}>\n</${name}>` : `<${name}>\n${body}\n</${name}>`;
}
