import type { FileChange } from '@claude-flow/core/domain/approval';
import type { z } from 'zod';
import type { Workspace } from '../workspace/workspace.ts';
import type { SearchService } from './search-service.ts';

export interface ToolContext {
  workspace: Workspace;
  /** Ends what the tool does. */
  signal: AbortSignal;
  search: SearchService;
  /** What the attempt's calls have taken so far. */
  effort: Effort;
  /** What people decided on this call, where they were asked. */
  decision?: Decision;
}

/** Milliseconds that the tools of an attempt have been at work, side by side counted apart. */
export interface Effort {
  usedMs: number;
}

/** A call that was approved, with the note that the person wrote. */
export interface Decision {
  note?: string;
}

/**
 * `control`: about the task itself; always allowed. `ask`: asks a person; there where a policy names it. The others need the
 * permission of the same name.
 */
export type ToolClass = 'read' | 'write' | 'execute' | 'control' | 'ask';

export interface Tool {
  name: string;
  description: string;
  class: ToolClass;
  /** May be run again after a crash: on the files as they were before, it does the same. */
  repeatable: boolean;
  schema: z.ZodType;
  /** The one path that a call is about, for calls of one turn to be put in order; undefined: the whole workspace. */
  touches(input: unknown): string | undefined;
  /** What a call would do to a file, for the people who decide on it; undefined: nothing that could be shown. */
  preview(input: unknown, context: { workspace: Workspace }): Promise<FileChange | undefined>;
  /**
   * @param input of the schema
   * @throws ToolFailure what the model is told; any other error ends the attempt
   */
  run(input: unknown, context: ToolContext): Promise<string>;
}

/** Ties a tool's functions to its schema. */
export function defineTool<Schema extends z.ZodType>(tool: {
  name: string;
  description: string;
  class: ToolClass;
  repeatable: boolean;
  schema: Schema;
  touches?(input: z.infer<Schema>): string | undefined;
  preview?(input: z.infer<Schema>, context: { workspace: Workspace }): Promise<FileChange | undefined>;
  run(input: z.infer<Schema>, context: ToolContext): Promise<string>;
}): Tool {
  return {
    ...tool,
    preview: async (input, context) => tool.preview?.(input as z.infer<Schema>, context),
    touches: (input) => tool.touches?.(input as z.infer<Schema>),
    run: (input, context) => tool.run(input as z.infer<Schema>, context),
  };
}
