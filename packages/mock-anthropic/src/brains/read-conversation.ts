import type { Objective } from '../content/objective.ts';
import { analyseObjective } from '../content/objective.ts';
import { isPlannedName } from '../content/plans/plan.ts';
import { seededRandom } from '../random.ts';
import type { Prefix } from '../tokens/prefix.ts';
import { blocksOf } from '../validation/messages.ts';
import type { ContentBlock, Conversation } from '../validation/schema.ts';
import { attributeOf, elementsOf, textOf } from './markup.ts';
import type { BrainInput, Conflict, Dependency, Exchange, Task } from './types.ts';

const systemText = (request: Conversation): string => {
  if (request.system === undefined) return '';
  return typeof request.system === 'string'
    ? request.system
    : request.system.map((block) => block.text).join('\n');
};

/** The agent type named in the system prompt by a line `Agent type: <type>`; null without such a line. */
export const agentTypeOf = (request: Conversation): string | null =>
  /^\s*Agent type:\s*([a-z][\w-]*)/im.exec(systemText(request))?.[1]?.toLowerCase() ?? null;

const userText = (blocks: readonly ContentBlock[]): string =>
  blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');

const resultText = (block: Extract<ContentBlock, { type: 'tool_result' }>): string => {
  if (typeof block.content === 'string') return block.content;
  return (block.content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('\n');
};

/** Every answered tool call, oldest first. */
const historyOf = (request: Conversation): Exchange[] => {
  const results = new Map<string, { text: string; isError: boolean }>();
  for (const message of request.messages) {
    for (const block of blocksOf(message)) {
      if (block.type !== 'tool_result') continue;
      results.set(block.tool_use_id, { text: resultText(block), isError: block.is_error === true });
    }
  }
  return request.messages.flatMap((message) =>
    blocksOf(message).flatMap((block) => {
      if (block.type !== 'tool_use') return [];
      const result = results.get(block.id);
      return [
        {
          name: block.name,
          input: block.input,
          result: result?.text ?? '',
          isError: result?.isError ?? false,
        },
      ];
    }),
  );
};

const taskOf = (text: string): Task | null => {
  const [element] = elementsOf(text, 'task');
  if (element === undefined) return null;
  return {
    id: attributeOf(element, 'id'),
    type: attributeOf(element, 'type'),
    name: textOf(element.body, 'name'),
    description: textOf(element.body, 'description'),
    expectedOutput: textOf(element.body, 'expected_output'),
  };
};

const dependenciesOf = (text: string): Dependency[] =>
  elementsOf(text, 'dependency').map((element) => ({
    id: attributeOf(element, 'id'),
    name: attributeOf(element, 'name'),
    agent: attributeOf(element, 'agent'),
    summary: element.body.trim(),
  }));

const PATH_AT_START = /^[\s*+-]*((?:[\w.@-]+\/)*[\w.@-]+\.[A-Za-z0-9]+)(?=$|[\s,:(\t])/;

/** Paths at the start of lines: `src/app.js (120 bytes)`, `- docs/a.md`, or JSON strings. */
const pathsIn = (text: string): string[] => {
  const json = [...text.matchAll(/"path"\s*:\s*"([^"]+)"/g)].map((match) => match[1] ?? '');
  const lines = text.split('\n').map((line) => PATH_AT_START.exec(line)?.[1] ?? '');
  return [...json, ...lines].filter((path) => path !== '');
};

const filesOf = (text: string, history: readonly Exchange[]): string[] => {
  const paths = elementsOf(text, 'files').flatMap((element) => pathsIn(element.body));
  for (const call of history) {
    if (call.isError) continue;
    if (call.name === 'list_files') paths.push(...pathsIn(call.result));
    const path = call.input['path'];
    if (call.name === 'write_file' && typeof path === 'string') paths.push(path);
  }
  return [...new Set(paths)].filter((path) => !path.startsWith('.'));
};

/** `a.md: changed differently by t1 and t2; the versions are .conflicts/t1/a.md and .conflicts/t2/a.md. Merge ...` */
const conflictsOf = (text: string): Conflict[] =>
  elementsOf(text, 'conflicts').flatMap((element) =>
    element.body.split('\n').flatMap((line) => {
      const path = /^\s*(\S+): /.exec(line)?.[1];
      const versions = [...line.matchAll(/(\.conflicts\/\S+?)(?=\.?(?:\s|$))/g)].map(
        (match) => match[1] ?? '',
      );
      return path === undefined || versions.length === 0 ? [] : [{ path, versions }];
    }),
  );

const agentTypesOf = (text: string): string[] => {
  const [element] = elementsOf(text, 'agent_types');
  if (element === undefined) return [];
  const named = [...element.body.matchAll(/(?:name|type|id)="([a-z][\w-]*)"/g)].map(
    (match) => match[1] ?? '',
  );
  const listed = element.body.split(/[\n,]/).map((line) => /^[\s*-]*([a-z][\w-]*)/.exec(line)?.[1] ?? '');
  return [...new Set(named.length > 0 ? named : listed)].filter((type) => type !== '');
};

const maxTasksOf = (text: string): number | null => {
  const found =
    /max(?:imum)?[\s_-]*(?:number of )?tasks\D{0,12}(\d+)/i.exec(text)?.[1] ??
    /at most (\d+) tasks/i.exec(text)?.[1] ??
    /<max_?tasks>\s*(\d+)/i.exec(text)?.[1];
  return found === undefined ? null : Number(found);
};

/**
 * What a task of the caller's own graph asks for, when the objective above it has no kit: the objective is then a title,
 * and the task's own words say what is to be made, where, and in which language.
 */
const ownObjective = (objective: Objective, task: Task | null): Objective | null => {
  if (task === null || objective.family !== 'shape' || isPlannedName(objective, task.name)) return null;
  const text = `${task.name}. ${task.description.replaceAll(objective.text, '')}`;
  const asked = analyseObjective(text);
  const language = asked.language === 'en' ? objective.language : asked.language;
  const own = task.description.trim() || task.name;
  const both = `${objective.text}\n\n${task.name}: ${own}`;
  return { ...asked, language, title: task.name, text: asked.family === 'shape' ? both : own };
};

/** Reads a request the way a model would: who am I, what is asked, what was done so far. */
export const readConversation = (request: Conversation, prefix: Prefix, seed: string): BrainInput => {
  const users = request.messages.filter((message) => message.role === 'user');
  const first = users[0] === undefined ? '' : userText(blocksOf(users[0]));
  const last = users.at(-1);
  const history = historyOf(request);
  const usable = request.tool_choice?.type === 'none' ? [] : (request.tools ?? []);
  const objective = analyseObjective(textOf(first, 'objective') || first.trim());
  const task = taskOf(first);
  const agentType = agentTypeOf(request) ?? 'assistant';
  // These look at what all the others made.
  const own = agentType === 'synthesizer' || agentType === 'reviewer' ? null : ownObjective(objective, task);
  return {
    agentType,
    objective: own ?? objective,
    swarmObjective: objective.text,
    strategy: textOf(first, 'strategy').toLowerCase() || 'auto',
    task,
    ownTask: own !== null,
    dependencies: dependenciesOf(first),
    files: filesOf(first, history),
    conflicts: conflictsOf(first),
    tools: new Set(usable.map((tool) => tool.name)),
    history,
    turn: request.messages.filter((message) => message.role === 'assistant').length,
    lastUserText: last === undefined ? '' : userText(blocksOf(last)),
    agentTypes: agentTypesOf(first),
    maxTasks: maxTasksOf(first),
    random: seededRandom(seed, prefix.turn),
  };
};
