import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { expect } from 'vitest';
import { z } from 'zod';
import { runAgentLoop } from './agent-loop.ts';
import type { Harness } from './harness.ts';
import { MODEL } from './harness.ts';
import type { Files } from './workspace.ts';

type PlanRun = { files: Files; tasks: z.infer<typeof Plan>['tasks']; summaries: string[] };

const Plan = z.object({
  tasks: z.array(
    z.object({
      key: z.string(),
      name: z.string(),
      agentType: z.string(),
      dependsOn: z.array(z.string()),
      expectedOutput: z.string(),
    }),
  ),
});

const planFor = async (h: Harness, objective: string, strategy: string) => {
  const answer = await h.client.messages.parse({
    model: MODEL,
    max_tokens: 8000,
    system: 'Agent type: planner',
    messages: [
      { role: 'user', content: `<objective>${objective}</objective><strategy>${strategy}</strategy>` },
    ],
    output_config: { format: zodOutputFormat(Plan) },
  });
  return answer.parsed_output?.tasks ?? [];
};

/** Every task in order, each with only its dependencies' files, as a worker would do it. */
export const runPlan = async (h: Harness, objective: string, strategy = 'development'): Promise<PlanRun> => {
  const tasks = await planFor(h, objective, strategy);
  const summaries: string[] = [];
  const outputs = new Map<string, Files>();
  const all: Files = new Map();
  for (const task of tasks) {
    const given: Files = new Map(task.dependsOn.flatMap((key) => [...(outputs.get(key) ?? [])]));
    const run = await runAgentLoop(h.client, { ...task, objective, files: given });
    expect(run.submission?.summary).toMatch(/\(simulated model\)$/);
    summaries.push(run.submission?.summary ?? '');
    for (const path of task.expectedOutput.split(', ')) expect([...run.files.keys()]).toContain(path);
    outputs.set(task.key, run.files);
    for (const [path, content] of run.files) {
      expect([undefined, content]).toContain(all.get(path));
      all.set(path, content);
    }
  }
  return { files: all, tasks, summaries };
};
