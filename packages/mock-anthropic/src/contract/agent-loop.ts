import type Anthropic from '@anthropic-ai/sdk';
import { MODEL } from './harness.ts';
import type { Files, Submission } from './workspace.ts';
import { runTool, TOOLS } from './workspace.ts';

/** More turns than any simulated agent needs. */
const MAX_TURNS = 12;

export type AgentTask = {
  agentType: string;
  objective: string;
  name: string;
  id?: string;
  description?: string;
  expectedOutput?: string;
  dependencies?: Array<{ id: string; name: string; agent: string; summary: string }>;
  files?: Files;
  /** Added at the end of the first message. */
  more?: string;
  model?: string;
  tools?: Anthropic.Tool[];
};

type AgentRun = {
  messages: Anthropic.MessageParam[];
  answers: Anthropic.Message[];
  files: Files;
  submission: Submission | null;
};

/** The first message of a worker, in the agreed form. */
export const firstMessage = (task: AgentTask): string => {
  const dependencies = (task.dependencies ?? [])
    .map(
      ({ id, name, agent, summary }) =>
        `<dependency id="${id}" name="${name}" agent="${agent}">\n${summary}\n</dependency>`,
    )
    .join('\n');
  const files = [...(task.files ?? [])].map(([path, text]) => `${path} (${text.length} bytes)`).join('\n');
  return `<objective>
${task.objective}
</objective>
<task id="${task.id ?? 'task_001'}" type="custom">
<name>${task.name}</name>
<description>${task.description ?? 'Do it well.'}</description>
<expected_output>${task.expectedOutput ?? 'Something that works.'}</expected_output>
</task>
<dependencies>
${dependencies}
</dependencies>
<files>
${files}
</files>
${task.more ?? ''}`.trim();
};

/** The request of an agent's turn. */
export const turnParams = (task: AgentTask, messages: Anthropic.MessageParam[]) => ({
  model: task.model ?? MODEL,
  max_tokens: 8192,
  system: [
    { type: 'text' as const, text: `You work in a swarm.\nAgent type: ${task.agentType}\nUse the tools.` },
  ],
  tools: task.tools ?? TOOLS,
  thinking: { type: 'adaptive' as const, display: 'summarized' as const },
  messages,
});

const answerTools = (files: Files, answer: Anthropic.Message): Anthropic.ToolResultBlockParam[] =>
  answer.content.flatMap((block) => {
    if (block.type !== 'tool_use') return [];
    try {
      return [
        {
          type: 'tool_result' as const,
          tool_use_id: block.id,
          content: runTool(files, block.name, block.input),
        },
      ];
    } catch (error) {
      const content = error instanceof Error ? error.message : String(error);
      return [{ type: 'tool_result' as const, tool_use_id: block.id, content, is_error: true }];
    }
  });

/** Drives an agent with the real SDK until it hands in its result or stops. */
export const runAgentLoop = async (client: Anthropic, task: AgentTask): Promise<AgentRun> => {
  const files: Files = new Map(task.files);
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: firstMessage(task) }];
  const answers: Anthropic.Message[] = [];
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const answer = await client.messages.stream(turnParams(task, messages)).finalMessage();
    answers.push(answer);
    messages.push({ role: 'assistant', content: answer.content });
    if (answer.stop_reason !== 'tool_use') return { messages, answers, files, submission: null };
    const handedIn = answer.content.find(
      (block) => block.type === 'tool_use' && block.name === 'submit_result',
    );
    messages.push({ role: 'user', content: answerTools(files, answer) });
    if (handedIn?.type === 'tool_use') {
      return { messages, answers, files, submission: handedIn.input as Submission };
    }
  }
  throw new Error(`The agent did not finish within ${MAX_TURNS} turns.`);
};
