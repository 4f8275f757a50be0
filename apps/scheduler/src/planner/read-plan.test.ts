import { type PlannedTask, planSchema } from '@claude-flow/core/contracts/plan';
import { AGENT_TYPES } from '@claude-flow/core/domain/vocabulary';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPlan, MAX_PLANNED_TASKS } from './check-plan.ts';
import { readPlan } from './read-plan.ts';
import { development } from './strategies/development.ts';

const limits = { maxTasks: MAX_PLANNED_TASKS, agentTypes: new Set<string>(AGENT_TYPES) };
const good = development.template('Build a REST API for user management');
const json = JSON.stringify(good);

const task = (more: Record<string, unknown> = {}) => ({
  key: 'one',
  name: 'First step',
  description: 'Do the first step of it all.',
  type: 'custom',
  agentType: 'specialist',
  priority: 'normal',
  dependsOn: [],
  expectedOutput: 'A text.',
  ...more,
});
const plan = (...tasks: unknown[]) => ({ summary: 'As the model wants it.', tasks });
const without = (field: string) =>
  Object.fromEntries(Object.entries(task()).filter(([name]) => name !== field));
const read = (value: unknown) => readPlan(typeof value === 'string' ? value : JSON.stringify(value), limits);
const first = (value: unknown): PlannedTask | undefined => read(value).plan?.tasks[0];

describe('an answer around the plan', () => {
  it('is no matter when it is the plan and nothing else: nothing was mended', () => {
    expect(read(good)).toEqual({ plan: good, mended: [], faults: [] });
  });

  it.each([
    [
      'prose and a fence',
      `Here it is:\n\`\`\`json\n${json}\n\`\`\`\nI used {name} where [something] is missing.`,
    ],
    ['braces in the prose before', `The shape is {"tasks": []}, with {one} step or more.\n${json}`],
    ['an example of a plan before', `For example ${JSON.stringify(plan(task()))}. Mine is:\n${json}`],
    [
      'thoughts with another plan',
      `<think>${JSON.stringify({ tasks: Array(9).fill(task()) })}</think>${json}`,
    ],
    ['thoughts whose beginning is lost', `a plan like {"tasks": [\n</think>\n\n${json}`],
    ['a wrapper', JSON.stringify({ plan: good })],
    ['wrappers', JSON.stringify({ status: 'ok', result: { plan: good } })],
    ['a bracket in prose that is never closed', `Note [1: this is it.\n${json}`],
    ['a comma too many', json.replaceAll(']}', ',],}')],
    ['comments', json.replace('{"summary"', '{ // my plan\n/* as asked */ "summary"')],
    ['no closing brackets', json.slice(0, -2)],
    ['line breaks inside texts', json.replaceAll('\\n', '\n')],
  ])('%s', (_what, answer) => {
    expect(read(answer).faults).toEqual([]);
    expect(read(answer).plan?.tasks).toEqual(good.tasks);
  });

  it('may be of single quotes and words without quotes', () => {
    const answer = `{summary: 'A plan', tasks: [{key: 'a', name: 'The first', description: 'Do all there is to do.', dependsOn: None}]}`;
    expect(first(answer)).toMatchObject({ key: 'a', name: 'The first', dependsOn: [] });
  });

  it('may be a bare list, or an object of tasks by key', () => {
    expect(first([task()])).toEqual(task());
    expect(first({ tasks: { one: without('key') } })).toEqual(task());
    expect(first({ steps: [task()] })).toEqual(task());
  });

  it('tells what was mended', () => {
    const reading = read(`<think>hm</think>{"plan": ${JSON.stringify(plan(task())).replace(']}', ',]}')}}`);
    expect(reading).toMatchObject({
      mended: [
        'Thoughts before the plan were left out.',
        'Its JSON had faults, which were mended.',
        'The plan stood inside "plan".',
      ],
    });
  });

  it.each([
    ['garbage', 'I would rather not', /not JSON/],
    ['an empty answer', '', /not JSON/],
    ['another shape', '{"plan": 1}', /no plan/],
    ['no tasks', '{"summary": "x", "tasks": []}', /no task/],
    ['a text that breaks off in a value', json.slice(0, json.length / 2), /ends in the middle/],
    ['a task without words', JSON.stringify(plan(task(), { key: 'b' })), /1 of the tasks have neither/],
    [
      'a circle',
      JSON.stringify(plan(task({ dependsOn: ['two'] }), task({ key: 'two', dependsOn: ['one'] }))),
      /circle/,
    ],
    [
      'a dependency that is not there',
      JSON.stringify(plan(task({ dependsOn: ['gone'] }))),
      /"gone", which is not/,
    ],
    ['the same key twice', JSON.stringify(plan(task(), task())), /Duplicate/],
  ])('is a fault when it is %s', (_what, answer, expected) => {
    const reading = read(answer);
    expect(reading.plan).toBeUndefined();
    expect(reading.faults.join('\n')).toMatch(expected);
  });
});

describe('one odd field', () => {
  it.each<[string, Record<string, unknown>, Partial<PlannedTask>]>([
    ['priority medium', task({ priority: 'medium' }), { priority: 'normal' }],
    ['priority as a number', task({ priority: 4 }), { priority: 'critical' }],
    ['dependsOn null', task({ dependsOn: null }), { dependsOn: [] }],
    ['dependsOn none', task({ dependsOn: 'none' }), { dependsOn: [] }],
    ['no dependsOn', without('dependsOn'), { dependsOn: [] }],
    ['no expectedOutput', without('expectedOutput'), { expectedOutput: '' }],
    ['outputs in a list', task({ expectedOutput: ['a.md', 'b.md'] }), { expectedOutput: 'a.md\nb.md' }],
    ['an agent type of its own', task({ agentType: 'Senior Developer' }), { agentType: 'coder' }],
    ['no agent type', { ...without('agentType'), type: 'testing' }, { agentType: 'tester' }],
    ['a type of its own', task({ type: 'implementation' }), { type: 'coding' }],
    ['a number as key', task({ key: 7 }), { key: '7' }],
    ['no key', without('key'), { key: 'task-1' }],
    ['an id for a key', { ...without('key'), id: 'x' }, { key: 'x' }],
    ['a title for a name', { ...without('name'), title: 'The title' }, { name: 'The title' }],
    ['no name', { ...without('name'), key: 'first-step' }, { name: 'first step' }],
    ['a name of two lines', task({ name: 'First\nstep' }), { name: 'First step' }],
    ['a short name', task({ name: 'UI' }), { name: 'Task UI' }],
    ['a long name', task({ name: `${'n'.repeat(199)}😀` }), { name: 'n'.repeat(199) }],
    [
      'no description',
      without('description'),
      { description: 'Do this part of the objective: First step. A text.' },
    ],
    ['snake case', { ...without('agentType'), agent_type: 'coder', depends_on: [] }, { agentType: 'coder' }],
  ])('%s is mended and told', (_what, given, expected) => {
    const reading = read(plan(given));
    expect(reading.faults).toEqual([]);
    expect(reading.plan?.tasks[0]).toMatchObject(expected);
  });

  it('of an unknown kind is left out', () => {
    const reading = read({ ...plan(task({ estimate: '2h' })), notes: 'x' });
    expect(reading).toEqual({ plan: plan(task()), mended: [], faults: [] });
  });

  it('tells of each, with the task, and not without end', () => {
    const reading = read(plan(task({ priority: 'medium' })));
    expect(reading).toMatchObject({ mended: ['Task 1 ("one"): its priority "medium" was read as normal.'] });
    const many = Array.from({ length: 30 }, (_, n) => ({ title: `Task ${n} of them` }));
    expect(read(many)).toMatchObject({ mended: expect.objectContaining({ length: 31 }) });
  });

  it('dependencies are found by number, other spelling, name and object', () => {
    const two = (dependsOn: unknown, key: unknown = 'first_step') =>
      read(plan(task({ key, name: 'The beginning' }), task({ key: 'two', dependsOn }))).plan?.tasks[1]
        ?.dependsOn;
    expect(two([1], 1)).toEqual(['1']);
    expect(two(['First Step'])).toEqual(['first_step']);
    expect(two('the beginning')).toEqual(['first_step']);
    expect(two([{ key: 'first_step' }])).toEqual(['first_step']);
  });
});

describe('whatever a model answers', () => {
  const odd = fc.oneof(
    fc.constantFrom(null, 'none', '', 'x', '😀', 'k'.repeat(70), 'medium', [], {}, 0, true),
    fc.string({ unit: 'binary' }),
    fc.jsonValue(),
  );
  const oddTask = fc.record(
    Object.fromEntries([...Object.keys(task()), 'title', 'depends_on', 'id'].map((name) => [name, odd])),
    { requiredKeys: [] },
  );
  const answers = fc.oneof(
    fc.array(oddTask, { maxLength: 5 }).map((tasks) => JSON.stringify({ summary: 's', tasks })),
    fc
      .array(oddTask, { maxLength: 5 })
      .map((tasks) => `<think>[</think> ok: ${JSON.stringify({ plan: tasks })},`),
    fc.tuple(fc.nat(json.length), fc.string({ unit: 'binary', maxLength: 5 })).map(([at, text]) => {
      return json.slice(0, at) + text + json.slice(at + 1);
    }),
    fc.string({
      unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '\\', 'tasks', '</think>', '`', ' ', 'a'),
    }),
  );

  it('is a plan that can be stored, or faults', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const reading = readPlan(answer, limits);
        if (reading.plan === undefined) {
          expect(reading.faults.length).toBeGreaterThan(0);
          return;
        }
        expect(planSchema.safeParse(reading.plan).error).toBeUndefined();
        expect(checkPlan(reading.plan, limits)).toEqual([]);
        expect(JSON.stringify(reading)).not.toMatch(/\\ud[89a-f]/);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['nesting', '['.repeat(200_000)],
    ['closed nesting', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['open objects', '{"a":'.repeat(40_000)],
    ['tags', '<think>'.repeat(30_000)],
    ['quotes', '{"'.repeat(100_000)],
    ['backslashes', `{"${'\\'.repeat(199_000)}`],
  ])('takes no time: %s', (_what, answer) => {
    expect(readPlan(answer, limits).plan).toBeUndefined();
  });
});
