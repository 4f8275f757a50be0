import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createToolbox } from '../tools/toolbox.ts';
import { isCallInWords } from './text-calls.ts';

const { names } = createToolbox(['read', 'write']);
const isCall = (text: string) => isCallInWords(text, names);
const object = '{"name": "write_file", "arguments": {"path": "app.py", "content": "print(1)"}}';
const fenced = (text: string) => `\`\`\`json\n${text}\n\`\`\``;

/** As the chat templates and habits of several models have it. */
const CALLS: Record<string, string> = {
  'a tag': `<tool_call>\n${object}\n</tool_call>`,
  'a tag around a fence': `<tool_call>\n${fenced(object)}\n</tool_call>`,
  'a tag that is not closed': `<tool_call>\n${object}`,
  'a function tag':
    '<function=write_file>\n<parameter=path>\napp.py\n</parameter>\n<parameter=content>\nprint(1)\n</parameter>\n</function>',
  'an invoke tag':
    '<function_calls>\n<invoke name="write_file">\n<parameter name="path">app.py</parameter>\n</invoke>\n</function_calls>',
  'a tag named like the tool':
    '<write_file>\n<path>app.py</path>\n<content>print(1)</content>\n</write_file>',
  'a bare object': object,
  'a bare object over several lines': JSON.stringify(JSON.parse(object), null, 2),
  'a list of objects': `[${object}, ${object}]`,
  'a broken object': '{"name": "write_file", "arguments": {"path": "app.py", "content": "a\nb"}}',
  'an object that was cut off': '{"name": "write_file", "arguments": {"path": "app.py", "cont',
  'the shape of another API': `{"tool_calls": [{"type": "function", "function": {"name": "write_file", "arguments": "{}"}}]}`,
  'the block itself':
    '{"type": "tool_use", "id": "t1", "name": "submit_result", "input": {"summary": "Done"}}',
  'the name as the key': '{"read_file": {"path": "app.py"}}',
  'a fenced object': fenced(object),
  'tool and tool_input': '{"tool": "read_file", "tool_input": {"path": "a.md"}}',
  'an action': 'Action: write_file\nAction Input: {"path": "app.py"}',
  'a sign': `[TOOL_CALLS] [${object}]`,
  'a call of code': 'write_file(path="app.py", content="print(1)")',
};
const PLAN =
  'First I look at what is there. Then I write the program, and a test for each of its parts. '.repeat(8);

describe('a tool call in words', () => {
  it.each(Object.entries(CALLS))('%s', (_what, call) => {
    expect(isCall(call)).toBe(true);
    expect(isCall(`I will write the file now.\n\n${call}\n`)).toBe(true);
    expect(isCall(`${PLAN}\n\n${call}\n\nI wait for the result.`)).toBe(true);
  });

  it('that goes on with a made-up answer', () => {
    expect(isCall(`${CALLS['a tag']}\nThe file was written.\n${PLAN}`)).toBe(true);
  });

  it('of a tool that does not exist, when there is nothing else', () => {
    expect(isCall('<tool_call>{"name": "bash", "arguments": {"command": "ls"}}</tool_call>')).toBe(true);
    expect(isCall(`${PLAN}\n<tool_call>{"name": "get_weather", "arguments": {}}</tool_call>`)).toBe(false);
  });
});

describe('what is no tool call', () => {
  it.each([
    ['words', 'All is done. See src/app.ts.'],
    ['nothing', ''],
    ['JSON as a result', '{"name": "Ada", "input": 3}'],
    ['JSON about a tool', '{"name": "write_file", "description": "Writes a file"}'],
    ['a list of findings', '[{"name": "write_file", "severity": "high"}, {"name": "x"}]'],
    ['HTML', '<div>\n<function>f</function>\n<p>text</p>\n</div>'],
    ['code', 'function write() {\n  return 1;\n}\nopen(path)'],
    [
      'markup in a sentence',
      'Models write <tool_call>{"name": "write_file"}</tool_call> when their parser is off.',
    ],
    [
      'markup in backticks',
      'It prints `<function=write_file>` and `{"name": "write_file", "arguments": {}}` as text.',
    ],
  ])('%s', (_what, text) => {
    expect(isCall(text)).toBe(false);
  });

  it.each(Object.entries(CALLS))('%s as an example within a report', (what, call) => {
    // What goes on to the end of the text is no example within one, nor is a fence in a fence.
    if (/^(\[TOOL|Action)|cut off|not closed/.test(`${call}${what}`) || call.includes('```')) return;
    expect(isCall(`# Report\n\n${PLAN}\n\n${call}\n\n${PLAN}`)).toBe(false);
    expect(isCall(`# Report\n\n${PLAN}${PLAN}${PLAN}${PLAN}\n\n${fenced(call)}\n`)).toBe(false);
  });

  const words = fc.array(fc.stringMatching(/^[A-Za-z,.]{1,12}$/), { minLength: 1, maxLength: 40 });
  const inline = fc.constantFrom(
    '<tool_call>',
    '`{"name": "write_file", "arguments": {}}`',
    '<invoke name="x">',
    '`write_file(path)`',
  );
  it('whatever markup stands within sentences', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(words, inline, words), { maxLength: 5 }), (sentences) => {
        const text = sentences.map(([a, mark, b]) => `So ${a.join(' ')} ${mark} ${b.join(' ')}.`).join('\n');
        expect(isCall(text)).toBe(false);
      }),
    );
  });

  it('finds each call behind whatever short sentence comes before, and never fails on rubbish', () => {
    fc.assert(
      fc.property(words, fc.constantFrom(...Object.values(CALLS)), (before, call) => {
        expect(isCall(`${before.join(' ').slice(0, 250)}\n${call}`)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '[', '"', '<tool_call>', '```\n', '\\', '\n', '}', 'a') }),
        (text) => {
          isCall(text);
        },
      ),
    );
  });
});
