import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Harness } from './harness.ts';
import { MODEL, startHarness } from './harness.ts';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.server.close());

const AGENTS = [
  'coordinator',
  'coder',
  'reviewer',
  'tester',
  'researcher',
  'analyst',
  'architect',
  'specialist',
] as const;

const Plan = z.object({
  summary: z.string().min(1).max(500),
  tasks: z
    .array(
      z.object({
        key: z.string().regex(/^[a-z][a-z0-9_]*$/),
        name: z.string().min(3).max(120),
        description: z.string().min(1),
        type: z.enum(['research', 'coding', 'testing', 'review', 'analysis', 'design', 'custom']),
        agentType: z.enum(AGENTS),
        priority: z.enum(['low', 'normal', 'high', 'critical']),
        dependsOn: z.array(z.string()),
        expectedOutput: z.string().min(1),
      }),
    )
    .min(2)
    .max(20),
});

const prompt = (objective: string, strategy: string, more = ''): string =>
  `<objective>\n${objective}\n</objective>\n<strategy>${strategy}</strategy>\n<agent_types>\n${AGENTS.map((type) => `- ${type}: does ${type} work`).join('\n')}\n</agent_types>\n${more}`;

const plan = async (objective: string, strategy: string, more?: string) => {
  const answer = await h.client.messages.parse({
    model: MODEL,
    max_tokens: 8000,
    system: 'You plan the work of a swarm.\nAgent type: planner',
    messages: [{ role: 'user', content: prompt(objective, strategy, more) }],
    output_config: { effort: 'medium', format: zodOutputFormat(Plan) },
  });
  if (answer.parsed_output === null) throw new Error('There should be a plan.');
  return answer.parsed_output;
};

type Tasks = z.infer<typeof Plan>['tasks'];

const levelOf = (tasks: Tasks, key: string, seen: string[] = []): number => {
  if (seen.includes(key)) throw new Error(`A cycle: ${[...seen, key].join(' -> ')}`);
  const task = tasks.find((candidate) => candidate.key === key);
  if (task === undefined) throw new Error(`No task ${key}.`);
  return 1 + Math.max(0, ...task.dependsOn.map((other) => levelOf(tasks, other, [...seen, key])));
};

/** Two tasks that share a dependency and are both needed by a third. */
const hasDiamond = (tasks: Tasks): boolean =>
  tasks.some((end) =>
    end.dependsOn.some((left) =>
      end.dependsOn.some((right) => {
        const [a, b] = [left, right].map((key) => tasks.find((task) => task.key === key)?.dependsOn ?? []);
        return left !== right && (a ?? []).some((key) => (b ?? []).includes(key));
      }),
    ),
  );

describe('the planner', () => {
  const strategies = ['auto', 'research', 'development', 'analysis', 'testing', 'review'];
  const objectives = [
    'Build a REST API for user management',
    'Write a haiku collection about the sea',
    'Compare PostgreSQL, SQLite and Redis',
    'Schreibe eine kurze Geschichte über Berlin',
  ];
  for (const strategy of strategies) {
    test(`${strategy}: five to seven tasks (auto: or three), acyclic, with a diamond, for any objective`, async () => {
      const shapes = new Set<string>();
      for (const objective of objectives) {
        const { tasks, summary } = await plan(objective, strategy);
        expect(summary).toContain('(simulated model)');
        const small = strategy === 'auto' && tasks.length < 5;
        expect(tasks.length).toBeGreaterThanOrEqual(3);
        // A small request gets a small plan, unless a strategy was asked for.
        if (strategy !== 'auto') expect(tasks.length).toBeGreaterThanOrEqual(5);
        expect(tasks.length).toBeLessThanOrEqual(7);
        expect(new Set(tasks.map((task) => task.key)).size).toBe(tasks.length);
        for (const task of tasks) expect(levelOf(tasks, task.key)).toBeLessThanOrEqual(5);
        expect(small || hasDiamond(tasks)).toBe(true);
        shapes.add(JSON.stringify(tasks.map((task) => task.name + task.description)));
      }
      expect(shapes.size).toBe(objectives.length);
    });
  }

  test('auto follows the words of the objective', async () => {
    const types = async (objective: string) => (await plan(objective, 'auto')).tasks.map((task) => task.type);
    expect(await types('Build a todo list app')).toContain('coding');
    expect(await types('Review our security policy')).not.toContain('coding');
    expect(
      (await types('Research the state of fusion power')).filter((type) => type === 'research'),
    ).toHaveLength(2);
  });

  test('keeps to a limit of tasks and to the agent types on offer', async () => {
    const { tasks } = await plan('Build a chat application', 'development', '<limits>max tasks: 4</limits>');
    expect(tasks).toHaveLength(4);
    for (const task of tasks) levelOf(tasks, task.key);
    const answer = await h.client.messages.parse({
      model: MODEL,
      max_tokens: 8000,
      system: 'Agent type: planner',
      messages: [
        {
          role: 'user',
          content:
            '<objective>Build a chat</objective><strategy>auto</strategy><agent_types>coder, analyst</agent_types>',
        },
      ],
      output_config: { format: zodOutputFormat(Plan) },
    });
    const used = new Set(answer.parsed_output?.tasks.map((task) => task.agentType));
    expect([...used].toSorted()).toEqual(['analyst', 'coder']);
  });
});

describe('any other schema', () => {
  const Item: z.ZodType = z.object({
    name: z.string(),
    get children() {
      return z.array(Item);
    },
  });
  const schemas: Readonly<Record<string, z.ZodType>> = {
    verdict: z.object({
      score: z.number().min(0).max(1),
      passed: z.boolean(),
      grade: z.enum(['a', 'b']),
      reasons: z.array(z.string().min(10)).min(2).max(3),
    }),
    strings: z.object({
      id: z.uuid(),
      mail: z.email(),
      at: z.iso.datetime(),
      code: z.string().regex(/^[A-Z]\d$/),
      short: z.string().max(4),
    }),
    unions: z.object({
      either: z.union([
        z.object({ kind: z.literal('x'), n: z.int().min(5) }),
        z.object({ kind: z.literal('y') }),
      ]),
      maybe: z.string().nullable(),
      left: z.string().optional(),
    }),
    recursive: z.object({ root: Item }),
    numbers: z.object({
      whole: z.int().min(3).max(7),
      above: z.number().gt(10),
      step: z.number().multipleOf(5),
    }),
  };
  for (const [name, schema] of Object.entries(schemas)) {
    test(`${name}: a valid instance`, async () => {
      const answer = await h.client.messages.parse({
        model: MODEL,
        max_tokens: 4000,
        messages: [{ role: 'user', content: 'Judge this.' }],
        output_config: { format: zodOutputFormat(schema) },
      });
      expect(schema.safeParse(answer.parsed_output).success).toBe(true);
    });
  }
});

test('garbage by rule reaches the client as it is, and the next call is fine again', async () => {
  await h.rules({ match: { agentType: 'planner' }, times: 1, respond: { text: 'I would rather not.' } });
  await expect(plan('Build a chat', 'auto')).rejects.toThrow(/Failed to parse structured output/);
  expect((await plan('Build a chat', 'auto')).tasks.length).toBeGreaterThanOrEqual(5);
});
