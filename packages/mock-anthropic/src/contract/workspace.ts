import type Anthropic from '@anthropic-ai/sdk';

/** Files by path; the tools below work on them like a worker's do. */
export type Files = Map<string, string>;

export type Submission = { summary: string; decisions: string[]; output: string; open_questions: string[] };

const text = { type: 'string' } as const;
const texts = { type: 'array', items: text } as const;

const tool = (name: string, properties: Record<string, object>, optional: string[] = []): Anthropic.Tool => ({
  name,
  description: `${name} in the workspace`,
  input_schema: {
    type: 'object',
    properties,
    required: Object.keys(properties).filter((key) => !optional.includes(key)),
    additionalProperties: false,
  },
});

/** The tools of a worker's agents. */
export const TOOLS: Anthropic.Tool[] = [
  tool('list_files', { path: text }, ['path']),
  tool('read_file', { path: text }),
  tool('write_file', { path: text, content: text }),
  tool('edit_file', { path: text, old_text: text, new_text: text }),
  tool('search_files', { pattern: text, path: text }, ['path']),
  tool('submit_result', { summary: text, decisions: texts, output: text, open_questions: texts }),
];

const field = (input: unknown, name: string): string => {
  const value = typeof input === 'object' && input !== null ? Reflect.get(input, name) : undefined;
  return typeof value === 'string' ? value : '';
};

/** Runs one tool call on the files. @throws with a sentence for the model */
export const runTool = (files: Files, name: string, input: unknown): string => {
  const path = field(input, 'path');
  switch (name) {
    case 'list_files':
      return [...files].map(([file, content]) => `${file} (${Buffer.byteLength(content)} bytes)`).join('\n');
    case 'read_file': {
      const content = files.get(path);
      if (content === undefined) throw new Error(`There is no file ${path}.`);
      return content;
    }
    case 'write_file':
      files.set(path, field(input, 'content'));
      return `Wrote ${path}.`;
    case 'edit_file': {
      const content = files.get(path) ?? '';
      const old = field(input, 'old_text');
      if (!content.includes(old)) throw new Error(`${path} does not contain that text.`);
      files.set(
        path,
        content.replace(old, () => field(input, 'new_text')),
      );
      return `Edited ${path}.`;
    }
    case 'submit_result':
      return 'Accepted.';
    default:
      throw new Error(`There is no tool ${name}.`);
  }
};
