import { cutText } from '@claude-flow/core/domain/cut-text';
import { meterUsage } from '@claude-flow/llm/cost';
import { usageView } from '../swarms/usage-view.ts';
import type { TurnEntries } from './read-turns.ts';
import type { TurnStatus } from './turns-schema.ts';
import { withoutSecrets } from './without-secrets.ts';

/** Characters of one text that are shown: enough to follow the agent, too little to be an archive of files. */
const MAX_TEXT = 8_000;

type Entry = TurnEntries[number];
type Of<Kind extends Entry['kind']> = Extract<Entry, { kind: Kind }>;
type Block = Record<string, unknown>;

/**
 * A turn for people: what the model said and thought, which tools it called with what, and their answers. Not shown is what
 * only the provider understands: signatures and encrypted thoughts. @param entries of one turn
 */
export function turnView(entries: TurnEntries, model: string | undefined) {
  const ofKind = <Kind extends Entry['kind']>(kind: Kind) =>
    entries.filter((entry): entry is Of<Kind> => entry.kind === kind);
  const [completed] = ofKind('turn.completed');
  const failed = ofKind('turn.failed');
  const blocks = blocksOf(completed?.content);
  const text = shown(textsOf(blocks, 'text', 'text'));
  return {
    turn: entries[0]?.turn ?? 0,
    attempt: ofKind('turn.requested').at(-1)?.attempt ?? null,
    status: statusOf(entries),
    text: text.text,
    textCut: text.cut,
    thinking: shown(textsOf(blocks, 'thinking', 'thinking')).text,
    calls: blocks
      .filter((block) => block['type'] === 'tool_use')
      .map((block) => callView(block, ofKind('tool.finished'))),
    notice: noticeOf(ofKind('turn.notice')),
    failures: failed.map(({ reason }) => shown(reason).text),
    stopReason: completed?.stopReason ?? null,
    usage: completed === undefined ? null : turnUsage(completed.usage, model),
  };
}

/** The last word that the journal has on it. */
function statusOf(entries: TurnEntries): TurnStatus {
  if (entries.some(({ kind }) => kind === 'turn.completed')) return 'completed';
  const last = entries.findLast(({ kind }) => kind === 'turn.requested' || kind === 'turn.failed');
  return last?.kind === 'turn.failed' ? 'failed' : 'running';
}

function noticeOf(notices: readonly Of<'turn.notice'>[]): string | null {
  const last = notices.at(-1);
  return last === undefined ? null : shown(last.text).text;
}

function callView(block: Block, finished: readonly Of<'tool.finished'>[]) {
  const id = String(block['id'] ?? '');
  const answer = finished.findLast((entry) => entry.id === id);
  const json = shown(JSON.stringify(block['input']) ?? '');
  const input = json.cut ? null : recordOf(json.text);
  const content = answer === undefined ? undefined : shown(answer.content);
  return {
    id,
    tool: String(block['name'] ?? ''),
    input,
    inputText: input === null ? json.text : null,
    answer:
      answer === undefined || content === undefined
        ? null
        : { content: content.text, isError: answer.isError, cut: content.cut },
  };
}

function turnUsage(reported: Record<string, unknown>, model: string | undefined) {
  const { usage } = meterUsage(model ?? '', reported);
  const estimated = reported['estimatedTokens'];
  return usageView(typeof estimated === 'number' ? { ...usage, estimatedTokens: estimated } : usage);
}

/** Without what looks like a key, and cut. */
function shown(text: string): { text: string; cut: boolean } {
  const safe = withoutSecrets(text);
  return { text: cutText(safe, MAX_TEXT), cut: safe.length > MAX_TEXT };
}

function textsOf(blocks: readonly Block[], type: string, field: string): string {
  return blocks
    .filter((block) => block['type'] === type)
    .map((block) => block[field])
    .filter((text) => typeof text === 'string')
    .join('\n\n');
}

const blocksOf = (content: unknown): Block[] => (Array.isArray(content) ? content.filter(isRecord) : []);

/** Null also when what was hidden took a bracket along. */
function recordOf(json: string): Block | null {
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
