import type Anthropic from '@anthropic-ai/sdk';
import type { ToolPolicy, ToolVerdict } from '@claude-flow/core/domain/tool-policy';
import type { Permission } from '@claude-flow/core/domain/vocabulary';
import { plainSchema } from '@claude-flow/llm/plain-schema';
import { z } from 'zod';
import { askHuman } from './ask-human.ts';
import { editFile } from './edit-file.ts';
import { listFiles } from './list-files.ts';
import { readFile } from './read-file.ts';
import { searchFiles } from './search-files.ts';
import { submitResult } from './submit-result.ts';
import type { Tool } from './tool.ts';
import { writeFile } from './write-file.ts';

/** In the order in which models see them; the order is part of the cached prefix. */
const BUILT_IN: readonly Tool[] = [
  listFiles,
  readFile,
  writeFile,
  editFile,
  searchFiles,
  askHuman,
  submitResult,
];

export interface Toolbox {
  /** As they are sent to the model: the same bytes for the same permissions and policy. */
  definitions: Anthropic.Tool[];
  /** Of all tools there are, also those that this task may not use. */
  names: readonly string[];
  get(name: string): Tool | undefined;
  /** Must people approve each call of it? */
  asks(name: string): boolean;
  /** Why a tool is not to be had, in a sentence for the model. */
  refusal(name: string): string;
}

/** The tools that a task may use. @param policy of the swarm and the task together */
export function createToolbox(
  permissions: readonly Permission[],
  tools: readonly Tool[] = BUILT_IN,
  policy: ToolPolicy = {},
): Toolbox {
  const verdict = (tool: Tool): ToolVerdict =>
    (policy as Record<string, ToolVerdict | undefined>)[tool.name] ??
    (tool.class === 'ask' ? 'deny' : 'allow');
  const permitted = ({ class: its }: Tool) => its === 'control' || its === 'ask' || permissions.includes(its);
  const usable = new Map(
    tools.filter((tool) => permitted(tool) && verdict(tool) !== 'deny').map((tool) => [tool.name, tool]),
  );
  return {
    definitions: [...usable.values()].map(definition),
    names: tools.map((tool) => tool.name),
    get: (name) => usable.get(name),
    asks(name) {
      const tool = usable.get(name);
      return tool !== undefined && (tool.class === 'ask' || verdict(tool) === 'ask');
    },
    refusal(name) {
      const known = tools.find((tool) => tool.name === name);
      if (known === undefined)
        return `There is no tool ${name}. There are: ${[...usable.keys()].join(', ')}.`;
      if (known.class === 'ask') return NOBODY_ANSWERS;
      if (permitted(known))
        return `${name} is denied by this task's tool policy. Do without it, or say in submit_result what is missing.`;
      return `${name} is not permitted: this task has no "${known.class}" permission. Do without it, or say in submit_result what is missing.`;
    },
  };
}

const NOBODY_ANSWERS =
  'Nobody answers questions in this task. Take the most sensible meaning and write it under open_questions.';

/**
 * Keywords of schemas that model servers refuse or read differently. They are checked here when a call comes; the tools'
 * descriptions say what matters to a model.
 */
const LIMITS: ReadonlySet<string> = new Set([
  'default',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'uniqueItems',
]);

function definition(tool: Tool): Anthropic.Tool {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(tool.schema, { io: 'input' });
  return {
    name: tool.name,
    description: tool.description,
    input_schema: plainSchema(schema, LIMITS) as Anthropic.Tool.InputSchema,
  };
}
