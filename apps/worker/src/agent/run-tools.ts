import { createHash } from 'node:crypto';
import type Anthropic from '@anthropic-ai/sdk';
import { cutText } from '@claude-flow/core/domain/cut-text';
import { whyBadInput } from '@claude-flow/llm/bad-input';
import type { z } from 'zod';
import type { SearchService } from '../tools/search-service.ts';
import type { Decision, Effort, Tool, ToolContext } from '../tools/tool.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import {
  ATTEMPT_TOOL_MS,
  REFUSAL_CHARS,
  REFUSALS_TOLD,
  TOOL_OUTPUT_CHARS,
  TURN_CALLS,
  TURN_WRITE_BYTES,
} from '../tunables.ts';
import { limitWriting } from '../workspace/limit-writing.ts';
import { ToolFailure } from '../workspace/paths.ts';
import type { StoreFile, Workspace } from '../workspace/workspace.ts';
import { type AskPeople, peoplesVerdicts } from './ask-people.ts';
import { type ToolAnswer, type Turn, toolCalls } from './replay.ts';
import { mayBeHalf } from './stop-reason.ts';
import type { TaskJournal } from './task-journal.ts';

export interface RunToolsDeps {
  journal: TaskJournal;
  toolbox: Toolbox;
  workspace: Workspace;
  /** Keeps a file's content for the checkpoint. */
  store: StoreFile;
  askPeople: AskPeople;
  search: SearchService;
  effort: Effort;
  signal: AbortSignal;
  onRefused(refusals: readonly Refusal[]): void;
}

/** A call that was refused, or failed, and the sentence that the model got. */
export interface Refusal {
  tool: string;
  message: string;
}

/**
 * Runs a turn's tool calls and writes their answers down, then the files. After a crash in between, the files are as they
 * were before the turn: all its calls are made again, but an answer that the journal has stays as it is.
 */
export async function runTools(deps: RunToolsDeps, turn: Turn): Promise<void> {
  const { journal, toolbox } = deps;
  const calls = toolCalls(turn);
  const answers = await answerAll(deps, turn, calls);
  const missing = calls
    .map((call, index) => ({ call, answer: turn.answers.get(call.id) ?? answers[index] ?? NOT_ACCEPTED }))
    .filter(({ call }) => !turn.answers.has(call.id));
  const refusals = refusalsOf(turn, calls, answers);
  for (const [index, { call, answer }] of missing.entries()) {
    const entry = { kind: 'tool.finished' as const, turn: turn.number, id: call.id, ...answer };
    // Told with the last answer, and so once, whoever wrote the ones before.
    const all = index === missing.length - 1 && refusals.length > 0;
    await journal.append(entry, all ? { progress: refusalData(turn, refusals) } : {});
  }
  if (missing.length > 0 && refusals.length > 0) deps.onRefused(refusals);
  if (!calls.some((call) => toolbox.get(call.name)?.class === 'write')) return;
  const files = await deps.workspace.changes(deps.store);
  await journal.append({ kind: 'workspace', turn: turn.number, files });
}

function refusalsOf(turn: Turn, calls: Anthropic.ToolUseBlock[], answers: ToolAnswer[]): Refusal[] {
  return calls.flatMap((call, index) => {
    const answer = turn.answers.get(call.id) ?? answers[index];
    return answer?.isError ? [{ tool: call.name, message: answer.content }] : [];
  });
}

/** What `task.progress` tells of them: how many, and the last few. */
function refusalData({ number }: Turn, refusals: readonly Refusal[]): Record<string, unknown> {
  const refused = refusals
    .slice(-REFUSALS_TOLD)
    .map(({ tool, message }) => ({ tool: cutText(tool, 100), message: cutText(message, REFUSAL_CHARS) }));
  return { turn: number, refusedCalls: refusals.length, refused };
}

/**
 * Calls run side by side, except that a write waits for, and holds up, what concerns the same path. Calls about the task
 * itself come last: they have to know what became of the others.
 */
async function answerAll(
  deps: RunToolsDeps,
  turn: Turn,
  calls: Anthropic.ToolUseBlock[],
): Promise<ToolAnswer[]> {
  const cutOff = mayBeHalf(turn.stopReason) ? turn.content.at(-1) : undefined;
  const wishes = calls.map((call, index) => {
    const late = index >= TURN_CALLS;
    return { call, plan: late ? TOO_MANY_CALLS : planCall(deps.toolbox, call, call === cutOff) };
  });
  const workspace = limitWriting(deps.workspace, TURN_WRITE_BYTES);
  // Before anything of the turn is run: it is either all to be done, or nothing of it is done yet.
  const plans = await decided(deps, turn, wishes);
  const answers = new Map<string, Promise<ToolAnswer>>();
  const others: { plan: Plan; answer: Promise<ToolAnswer> }[] = [];
  for (const { call, plan } of plans) {
    if (isControl(plan)) continue;
    const before = others.filter((earlier) => mustWait(plan, earlier.plan)).map(({ answer }) => answer);
    const answer = Promise.all(before).then(() => answerCall({ ...deps, workspace }, turn, call, plan));
    others.push({ plan, answer });
    answers.set(call.id, answer);
  }
  // All have to end before an error of one ends the attempt, and with it the workspace.
  await Promise.allSettled(others.map(({ answer }) => answer));
  const known = await Promise.all(others.map(({ answer }) => answer));
  const failed = known.some((answer) => answer.isError);
  for (const { call, plan } of plans) {
    if (!isControl(plan)) continue;
    answers.set(call.id, failed ? Promise.resolve(NOT_ACCEPTED) : answerCall(deps, turn, call, plan));
  }
  return Promise.all(calls.map((call) => answers.get(call.id) ?? NOT_ACCEPTED));
}

const NOT_ACCEPTED: ToolAnswer = {
  content: 'Not accepted: another call of this turn failed. Look at its error, then hand in the result.',
  isError: true,
};

const TOO_MANY_CALLS: Plan = {
  kind: 'refuse',
  sentence: `Not run: one turn may make at most ${TURN_CALLS} tool calls, and the first ${TURN_CALLS} of this one were run. Make the others in the next turn.`,
};

type Plan =
  | { kind: 'run'; tool: Tool; input: unknown; path: string | undefined; decision?: Decision }
  | { kind: 'refuse'; sentence: string };

function planCall(toolbox: Toolbox, call: Anthropic.ToolUseBlock, cutOff: boolean): Plan {
  if (cutOff) return { kind: 'refuse', sentence: CUT_OFF };
  const tool = toolbox.get(call.name);
  if (tool === undefined) return { kind: 'refuse', sentence: toolbox.refusal(call.name) };
  const unreadable = whyBadInput(call.input);
  if (unreadable !== undefined) return { kind: 'refuse', sentence: unreadable };
  const parsed = tool.schema.safeParse(call.input);
  if (!parsed.success) return { kind: 'refuse', sentence: badInput(call.name, parsed.error) };
  try {
    return { kind: 'run', tool, input: parsed.data, path: tool.touches(parsed.data) };
  } catch (error) {
    if (error instanceof ToolFailure) return { kind: 'refuse', sentence: error.message };
    throw error;
  }
}

/** Calls that need it are put before people; what they say becomes part of the plan. @throws AttemptAborted `waiting` */
async function decided(
  { toolbox, askPeople, workspace }: RunToolsDeps,
  turn: Turn,
  wishes: { call: Anthropic.ToolUseBlock; plan: Plan }[],
): Promise<{ call: Anthropic.ToolUseBlock; plan: Plan }[]> {
  const asked = wishes.filter(({ call, plan }) => plan.kind === 'run' && toolbox.asks(call.name));
  if (asked.length === 0) return wishes;
  const shown = asked.map(async ({ call, plan }) => {
    const change = plan.kind === 'run' ? await changeOf(plan, workspace) : undefined;
    return { call, change };
  });
  const verdicts = await peoplesVerdicts(askPeople, turn, await Promise.all(shown));
  return wishes.map(({ call, plan }) => {
    const verdict = verdicts.get(call.id);
    if (verdict === undefined || plan.kind !== 'run') return { call, plan };
    const { refusal, decision } = verdict;
    return {
      call,
      plan: refusal === undefined ? { ...plan, decision } : { kind: 'refuse', sentence: refusal },
    };
  });
}

/** What is shown to people. A path that the call will fail on is shown with its input only. */
async function changeOf(plan: Extract<Plan, { kind: 'run' }>, workspace: Workspace) {
  try {
    return await plan.tool.preview(plan.input, { workspace });
  } catch (error) {
    if (error instanceof ToolFailure) return undefined;
    throw error;
  }
}

const CUT_OFF =
  'Not run: your answer was cut off before this call was complete. Make it again, with less in it: for a long file, write a first part and add the rest with edit_file.';

function badInput(name: string, error: z.ZodError): string {
  const faults = error.issues.map((issue) => `${issue.path.join('.') || '(input)'}: ${issue.message}`);
  return `The input of ${name} is not valid. ${faults.join('; ')}`;
}

function mustWait(plan: Plan, earlier: Plan): boolean {
  if (plan.kind === 'refuse' || earlier.kind === 'refuse') return false;
  const writes = plan.tool.class === 'write' || earlier.tool.class === 'write';
  return writes && (plan.path === undefined || earlier.path === undefined || plan.path === earlier.path);
}

function isControl(plan: Plan): boolean {
  return plan.kind === 'run' && plan.tool.class === 'control';
}

async function answerCall(
  deps: RunToolsDeps,
  turn: Turn,
  call: Anthropic.ToolUseBlock,
  plan: Plan,
): Promise<ToolAnswer> {
  if (plan.kind === 'refuse') return { content: plan.sentence, isError: true };
  deps.signal.throwIfAborted();
  if (!plan.tool.repeatable) {
    const known = turn.answers.get(call.id);
    if (known !== undefined) return known;
    if (turn.started.has(call.id)) return { content: OUTCOME_UNKNOWN, isError: true };
    const inputHash = createHash('sha256').update(JSON.stringify(call.input)).digest('hex');
    const started = {
      kind: 'tool.started',
      turn: turn.number,
      id: call.id,
      name: call.name,
      inputHash,
    } as const;
    await deps.journal.append(started);
  }
  const { workspace, signal, search, effort } = deps;
  const { decision } = plan;
  return runCall(plan.tool, plan.input, {
    workspace,
    signal,
    search,
    effort,
    ...(decision === undefined ? {} : { decision }),
  });
}

const OUTCOME_UNKNOWN =
  'The outcome is unknown: the worker was lost while this ran, and it may not simply be run again. Check what it did before you go on.';

async function runCall(tool: Tool, input: unknown, context: ToolContext): Promise<ToolAnswer> {
  const { effort } = context;
  if (effort.usedMs >= ATTEMPT_TOOL_MS && tool.class !== 'control')
    return { content: TOO_LONG, isError: true };
  const startedAt = performance.now();
  try {
    const content = await tool.run(input, context);
    if (content.length <= TOOL_OUTPUT_CHARS * 2) return { content, isError: false };
    return {
      content: cutText(content, TOOL_OUTPUT_CHARS, '\n[cut: the answer was too long]'),
      isError: false,
    };
  } catch (error) {
    if (error instanceof ToolFailure) return { content: error.message, isError: true };
    throw error;
  } finally {
    effort.usedMs += performance.now() - startedAt;
  }
}

const TOO_LONG = `Not run: the tools of this task have been at work for ${ATTEMPT_TOOL_MS / 1000} seconds, which is all they may take. Hand in what you have, and name what is missing under open_questions.`;
