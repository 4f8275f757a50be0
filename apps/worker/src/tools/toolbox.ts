import type Anthropic from '@anthropic-ai/sdk';
import type { Permission } from '@claude-flow/core/domain/vocabulary';
import { z } from 'zod';
import { editFile } from './edit-file.ts';
import { listFiles } from './list-files.ts';
import { readFile } from './read-file.ts';
import { searchFiles } from './search-files.ts';
import { submitResult } from './submit-result.ts';
import type { Tool } from './tool.ts';
import { writeFile } from './write-file.ts';

/** In the order in which models see them; the order is part of the cached prefix. */
const BUILT_IN: readonly Tool[] = [listFiles, readFile, writeFile, editFile, searchFiles, submitResult];

export interface Toolbox {
  /** As they are sent to the model: the same bytes for the same permissions. */
  definitions: Anthropic.Tool[];
  get(name: string): Tool | undefined;
  /** Why a tool is not to be had, in a sentence for the model. */
  refusal(name: string): string;
}

/** The tools that a task may use. */
export function createToolbox(
  permissions: readonly Permission[],
  tools: readonly Tool[] = BUILT_IN,
): Toolbox {
  const allowed = (tool: Tool) => tool.class === 'control' || permissions.includes(tool.class);
  const usable = new Map(tools.filter(allowed).map((tool) => [tool.name, tool]));
  return {
    definitions: [...usable.values()].map(definition),
    get: (name) => usable.get(name),
    refusal(name) {
      const known = tools.find((tool) => tool.name === name);
      if (known === undefined)
        return `There is no tool ${name}. There are: ${[...usable.keys()].join(', ')}.`;
      return `${name} is not permitted: this task has no "${known.class}" permission. Do without it, or say in submit_result what is missing.`;
    },
  };
}

function definition(tool: Tool): Anthropic.Tool {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(tool.schema, { io: 'input' });
  return {
    name: tool.name,
    description: tool.description,
    input_schema: schema as Anthropic.Tool.InputSchema,
  };
}
