import { cutText } from '@claude-flow/core/domain/cut-text';
import { z } from 'zod';
import { TOOL_OUTPUT_CHARS } from '../tunables.ts';
import { parseFilePath, parsePath, ToolFailure } from '../workspace/paths.ts';
import { readText } from './read-text.ts';
import { defineTool } from './tool.ts';

export const readFile = defineTool({
  name: 'read_file',
  description: `Reads a text file of the workspace. At most ${TOOL_OUTPUT_CHARS} characters come back; of a longer file ask for a part with start_line and line_count.`,
  class: 'read',
  repeatable: true,
  schema: z.strictObject({
    path: z.string().describe('The file, relative to the workspace'),
    start_line: z.number().int().min(1).optional().describe('First line to read, from 1'),
    line_count: z.number().int().min(1).optional().describe('How many lines to read'),
  }),
  touches: ({ path }) => parsePath(path),
  run: async ({ path: text, start_line: start = 1, line_count: count }, { workspace }) => {
    const path = parseFilePath(text);
    const whole = await readText(workspace, path);
    if (start === 1 && count === undefined && whole.length <= TOOL_OUTPUT_CHARS) return whole;
    return part(path, whole.split('\n'), start, count);
  },
});

function part(path: string, lines: string[], start: number, count: number | undefined): string {
  if (start > lines.length) throw new ToolFailure(`${path} has only ${lines.length} lines.`);
  const wanted = lines.slice(start - 1, count === undefined ? undefined : start - 1 + count);
  const shown: string[] = [];
  let room = TOOL_OUTPUT_CHARS;
  for (const line of wanted) {
    if (line.length + 1 > room) break;
    shown.push(line);
    room -= line.length + 1;
  }
  if (shown.length === wanted.length) return shown.join('\n');
  if (shown.length === 0) {
    const cut = cutText(wanted[0] ?? '', TOOL_OUTPUT_CHARS);
    return `${cut}\n[cut: line ${start} is longer than ${TOOL_OUTPUT_CHARS} characters]`;
  }
  const next = start + shown.length;
  return `${shown.join('\n')}\n[cut here: ${path} has ${lines.length} lines; go on with start_line ${next}]`;
}
