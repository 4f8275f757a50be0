import { readLogs } from '@claude-flow/core/store/logs';
import { getResult, listTasks } from '@claude-flow/core/store/task-reads';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Fixture, openFixture } from '../../test/fixture.ts';
import {
  call,
  type ModelRequest,
  type ScriptedModel,
  say,
  startScriptedModel,
  taskIdOf,
  turnsOf,
} from '../../test/scripted-model.ts';
import {
  DEPENDENCY_OUTPUT_CHARS,
  EVENT_SUMMARY_CHARS,
  REFUSAL_CHARS,
  SEARCH_LINE_CHARS,
  SUMMARY_CHARS,
  TOOL_OUTPUT_CHARS,
} from '../tunables.ts';

let fixture: Fixture;
let model: ScriptedModel;
/** What the model writes in the run at hand, at least so many characters long. */
let text: (length: number) => string = () => '';

beforeAll(async () => {
  fixture = await openFixture();
  model = await startScriptedModel((request) => ({ content: answerTo(request) }));
  await fixture.worker(model.url);
});
afterAll(async () => {
  await fixture?.close();
  await model?.close();
});

/** All the places where foreign text is shortened, each with text that is longer than it may be. */
function answerTo(request: ModelRequest): object[] {
  const turn = turnsOf(request);
  const task = taskIdOf(request);
  const handIn = call('submit', 'submit_result', {
    summary: text(EVENT_SUMMARY_CHARS + 50),
    output: text(DEPENDENCY_OUTPUT_CHARS + 50),
  });
  if (task === 'task_003') return [say(text(SUMMARY_CHARS + 50))];
  if (task !== 'task_001') return [handIn];
  switch (turn) {
    case 0:
      return [
        call('w', 'write_file', { path: 'notes.md', content: `needle ${text(SEARCH_LINE_CHARS + 50)}` }),
        call('l', 'write_file', { path: 'long.md', content: text(TOOL_OUTPUT_CHARS + 50) }),
      ];
    case 1:
      return [
        call('s', 'search_files', { pattern: 'needle' }),
        call('r', 'read_file', { path: 'long.md' }),
        call('n', text(REFUSAL_CHARS + 50), {}),
        call('e', 'read_file', { path: text(REFUSAL_CHARS) }),
      ];
    default:
      return [handIn];
  }
}

/** Half a pair is an escape in JSON; a replacement character is what becomes of one in UTF-8. */
const BROKEN = /\\ud[89a-f][0-9a-f]{2}|\ufffd/;

it('no request to the model, no event, no log line and no result holds half a character', async () => {
  const characters = fc.constantFrom('😀', '👩‍🚀', '🇩🇪', 'e\u0301', '語', '𝒳a');
  await fc.assert(
    fc.asyncProperty(fc.nat(12), characters, async (before, character) => {
      text = (length) => 'x'.repeat(before) + character.repeat(Math.ceil(length / character.length));
      const asked = model.requests.length;
      const swarmId = await fixture.swarm(
        [
          { name: text(150), onFailure: 'continue' },
          { dependencies: ['task_001'] },
          { dependencies: ['task_001'], onFailure: 'continue' },
          { dependencies: ['task_002', 'task_003'] },
        ],
        `Try ${text(300)}`,
      );
      expect(await fixture.ended(swarmId)).toBe('completed');
      const { ledger } = fixture;
      const tasks = await listTasks(ledger, swarmId);
      const told = {
        requests: model.requests.slice(asked),
        events: await fixture.events(swarmId),
        logs: await readLogs(ledger, swarmId, { limit: 1_000, level: 'debug' }),
        tasks,
        results: await Promise.all(tasks.map(({ spec }) => getResult(ledger, swarmId, spec.id))),
      };
      // What was to be cut was there to be cut.
      expect(JSON.stringify(told.requests)).toContain('[cut');
      for (const [what, all] of Object.entries(told)) {
        for (const one of all)
          expect(`${what}: ${BROKEN.exec(JSON.stringify(one))?.[0]}`).toBe(`${what}: undefined`);
      }
    }),
    { numRuns: 12 },
  );
}, 120_000);
