import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runAgentLoop } from './agent-loop.ts';
import type { Harness } from './harness.ts';
import { startHarness } from './harness.ts';
import { TOOLS } from './workspace.ts';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.server.close());

const API = 'Build a REST API for user management';

const DEPENDENCY = { id: 'task_001', name: 'Earlier work', agent: 'architect', summary: 'It was decided.' };

const ROLES: ReadonlyArray<[agentType: string, name: string, path: string]> = [
  ['coordinator', 'Coordinate the work', 'docs/coordination.md'],
  ['coder', 'Implement the service', 'src/server.js'],
  ['tester', 'Plan the tests', 'docs/test-plan.md'],
  ['reviewer', 'Review the result', 'docs/review.md'],
  ['researcher', 'Research the requirements', 'docs/research.md'],
  ['analyst', 'Analyse the requirements', 'docs/analysis.md'],
  ['architect', 'Design the architecture', 'docs/architecture.md'],
  ['specialist', 'Add rate limiting', 'src/add-rate-limiting.js'],
  ['synthesizer', 'Final synthesis', 'README.md'],
  ['somebody-new', 'Add logging', 'src/add-logging.js'],
];

describe('every agent', () => {
  for (const [agentType, name, path] of ROLES) {
    test(`${agentType} looks, writes ${path} and hands in its result`, async () => {
      const run = await runAgentLoop(h.client, {
        agentType,
        objective: API,
        name,
        id: `task_${agentType}`,
        dependencies: [DEPENDENCY],
      });
      expect([...run.files.keys()]).toContain(path);
      expect(run.submission?.summary).toMatch(/\(simulated model\)$/);
      expect(run.submission?.output).not.toBe('');
      expect(run.submission?.decisions).toBeInstanceOf(Array);
      expect(run.submission?.open_questions).toBeInstanceOf(Array);
      expect(run.answers.length).toBeGreaterThanOrEqual(3);
      expect(run.answers.length).toBeLessThanOrEqual(6);
      const [latest] = await h.requests();
      expect(latest).toMatchObject({
        agentType,
        taskId: `task_${agentType}`,
        turn: run.answers.length - 1,
        status: 200,
      });
    });
  }

  test('a task of the caller’s own graph is recorded under the objective of its swarm', async () => {
    const objective = 'One short part for somebody';
    await runAgentLoop(h.client, {
      agentType: 'researcher',
      objective,
      name: 'Only',
      description: 'Write the part.',
    });
    expect((await h.requests())[0]).toMatchObject({ objective, agentType: 'researcher' });
  });

  test('without submit_result it ends with text', async () => {
    const tools = TOOLS.filter((tool) => tool.name !== 'submit_result');
    const run = await runAgentLoop(h.client, {
      agentType: 'researcher',
      objective: API,
      name: 'Research',
      tools,
    });
    expect(run.submission).toBeNull();
    expect(run.answers.at(-1)).toMatchObject({ stop_reason: 'end_turn' });
    expect(run.files.has('docs/research.md')).toBe(true);
  });

  test('uses only the tools it was given', async () => {
    const tools = TOOLS.filter((tool) => ['write_file', 'submit_result'].includes(tool.name));
    const run = await runAgentLoop(h.client, {
      agentType: 'coder',
      objective: API,
      name: 'Implement it',
      tools,
    });
    const used = run.answers.flatMap((answer) => answer.content.filter((block) => block.type === 'tool_use'));
    expect(new Set(used.map((call) => call.name))).toEqual(new Set(['write_file', 'submit_result']));
    expect(run.files.get('package.json')).toContain('node --test');
  });
});

test('a task that names its document gets exactly that one', async () => {
  for (const agentType of ['analyst', 'researcher', 'architect', 'specialist', 'reviewer', 'tester']) {
    const run = await runAgentLoop(h.client, {
      agentType,
      objective: API,
      name: 'Notes and plan',
      description: 'Work by research/frame.md. Write research/notes.md: what is known and what is not.',
    });
    expect([...run.files.keys()]).toEqual(['research/notes.md']);
  }
});

test('a file that two tasks changed differently is merged', async () => {
  const run = await runAgentLoop(h.client, {
    agentType: 'synthesizer',
    objective: API,
    name: 'Synthesis',
    files: new Map([
      ['.conflicts/task_001/docs/a.md', '# A\none\n'],
      ['.conflicts/task_002/docs/a.md', '# A\ntwo\n'],
    ]),
    more: `<conflicts>
docs/a.md: changed differently by task_001 and task_002; the versions are .conflicts/task_001/docs/a.md and .conflicts/task_002/docs/a.md. Merge them and write the result to docs/a.md.
</conflicts>`,
  });
  expect(run.files.get('docs/a.md')).toBe('# A\none\ntwo\n');
  expect(run.files.get('README.md')).not.toContain('.conflicts');
});

describe('the coder', () => {
  test('writes only the half that its task names, and corrects a file by editing', async () => {
    const store = await runAgentLoop(h.client, {
      agentType: 'coder',
      objective: API,
      name: 'Implement user store',
    });
    expect([...store.files.keys()].toSorted()).toEqual(['src/store.js', 'src/validation.js']);
    const routes = await runAgentLoop(h.client, {
      agentType: 'coder',
      objective: API,
      name: 'Implement routes',
    });
    expect([...routes.files.keys()].toSorted()).toEqual(['package.json', 'src/routes.js', 'src/server.js']);
    const calls = routes.answers.flatMap((answer) =>
      answer.content.filter((block) => block.type === 'tool_use'),
    );
    expect(calls.map((call) => call.name)).toContain('edit_file');
    expect(JSON.parse(routes.files.get('package.json') ?? '')).toMatchObject({
      scripts: { test: 'node --test' },
    });
  });

  test('reads what others made and leaves their files alone', async () => {
    const files = new Map([['src/store.js', 'export const theirs = 1;\n']]);
    const run = await runAgentLoop(h.client, {
      agentType: 'coder',
      objective: API,
      name: 'Implement it',
      files,
    });
    expect(run.files.get('src/store.js')).toBe('export const theirs = 1;\n');
    expect(run.files.has('src/routes.js')).toBe(true);
    const reads = run.answers.flatMap((answer) =>
      answer.content.filter((block) => block.type === 'tool_use'),
    );
    expect(reads).toContainEqual(
      expect.objectContaining({ name: 'read_file', input: { path: 'src/store.js' } }),
    );
  });
});

test('the reviewer remarks on real lines', async () => {
  const code = 'const a = 1;\n// TODO: finish\nexport function run(text) {\n  return JSON.parse(text);\n}\n';
  const files = new Map([['src/app.js', code]]);
  const run = await runAgentLoop(h.client, {
    agentType: 'reviewer',
    objective: API,
    name: 'Review it',
    files,
  });
  const review = run.files.get('docs/review.md') ?? '';
  const remarks = [...review.matchAll(/`src\/app\.js:(\d+)` — [^`]*: `([^`]+)`/g)];
  expect(remarks.length).toBeGreaterThan(0);
  for (const [, line, quote] of remarks) expect(code.split('\n')[Number(line) - 1]?.trim()).toBe(quote);
});

test('the synthesizer brings all results together', async () => {
  const run = await runAgentLoop(h.client, {
    agentType: 'synthesizer',
    objective: API,
    name: 'Synthesis',
    files: new Map([
      ['src/server.js', '// code'],
      ['docs/architecture.md', '# The architecture of it\n'],
    ]),
    dependencies: [
      DEPENDENCY,
      { id: 'task_002', name: 'Routes', agent: 'coder', summary: 'Routes are there. (simulated model)' },
    ],
  });
  const readme = run.files.get('README.md') ?? '';
  for (const part of [
    'It was decided.',
    'Routes are there.',
    'src/server.js',
    'The architecture of it',
    'npm start',
  ]) {
    expect(readme).toContain(part);
  }
});

test('ten objectives give ten different results', async () => {
  const objectives = [
    API,
    'Build a REST API for product reviews',
    'Create a simple calculator app',
    'Create a todo list app',
    'Build a chat application',
    'Write a haiku collection about the sea',
    'Schreibe eine kurze Geschichte über Berlin',
    'Compare three databases',
    'Plan a marketing campaign for a coffee brand',
    'Build a weather dashboard',
  ];
  const results = new Map<string, string>();
  for (const objective of objectives) {
    const run = await runAgentLoop(h.client, { agentType: 'coder', objective, name: 'Do the work' });
    expect(run.files.size).toBeGreaterThan(0);
    results.set(objective, JSON.stringify([...run.files]));
  }
  expect(new Set(results.values()).size).toBe(objectives.length);
  expect(results.get('Schreibe eine kurze Geschichte über Berlin')).toMatch(/Nachwort/);
  expect(results.get('Compare three databases')).toMatch(/PostgreSQL/);
  expect(results.get('Write a haiku collection about the sea')).toMatch(/Sea/);
});
