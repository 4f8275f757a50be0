import { createTempFolder } from '@claude-flow/testing/temp-folder';
import { expect, it } from 'vitest';
import { createSearchService } from '../tools/search-service.ts';
import { createToolbox } from '../tools/toolbox.ts';
import { ATTEMPT_TOOL_MS } from '../tunables.ts';
import { createWorkspace } from '../workspace/workspace.ts';
import type { Turn } from './replay.ts';
import { runTools } from './run-tools.ts';

/** What a call is answered when the attempt's tools have been at work for so long. */
async function answerAfter(usedMs: number, name: string, input: object) {
  await using home = await createTempFolder('run-tools');
  const effort = { usedMs };
  const answers: { content: string; isError: boolean }[] = [];
  const turn: Turn = {
    number: 1,
    content: [{ type: 'tool_use', id: 'c', name, input }] as unknown as Turn['content'],
    stopReason: 'tool_use',
    answers: new Map(),
    started: new Set(),
  } as unknown as Turn;
  const journal = {
    replay: { turns: [turn] },
    append: async (entry: { kind: string; content?: string; isError?: boolean }) => {
      if (entry.kind !== 'tool.finished') return;
      answers.push({ content: entry.content ?? '', isError: entry.isError ?? false });
    },
  } as never;
  await runTools(
    {
      journal,
      toolbox: createToolbox(['read']),
      workspace: await createWorkspace(home.path, 'task'),
      store: async () => Promise.reject(new Error('nothing is stored here')),
      askPeople: async () => undefined,
      search: createSearchService(),
      effort,
      signal: new AbortController().signal,
      onRefused: () => {},
    },
    turn,
  );
  return { answer: answers[0], effort };
}

it('what the tools of an attempt take is counted, and ends at a limit', async () => {
  const { answer, effort } = await answerAfter(ATTEMPT_TOOL_MS - 1, 'list_files', {});
  expect(answer).toEqual({ content: 'The workspace is empty.', isError: false });
  expect(effort.usedMs).toBeGreaterThan(ATTEMPT_TOOL_MS - 1);
  const late = await answerAfter(ATTEMPT_TOOL_MS, 'list_files', {});
  expect(late.answer).toMatchObject({
    isError: true,
    content: expect.stringContaining('at work for 120 seconds'),
  });
});

it('the end of a task is never too late', async () => {
  const { answer } = await answerAfter(ATTEMPT_TOOL_MS * 2, 'submit_result', { summary: 'Done' });
  expect(answer?.isError).toBe(false);
});
