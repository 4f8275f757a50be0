import type Anthropic from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { type Plan, planSchema } from '@claude-flow/core/contracts/plan';
import type { Usage } from '@claude-flow/core/domain/task';
import { addUsage, NO_USAGE } from '@claude-flow/llm/cost';
import { MAX_PLANNED_TASKS } from './check-plan.ts';
import { PLANNER_SYSTEM, type PlanQuestion, planQuestion, repairQuestion } from './plan-prompt.ts';
import { type PlanReading, readPlan } from './read-plan.ts';
import { PLAN_MAX_TOKENS } from './tunables.ts';

/** The model's plan, or why there is none, in a sentence; and what it cost either way. */
export type ModelPlan =
  | { plan: Plan; mended: string[]; usage: Usage }
  | { plan?: undefined; why: string; usage: Usage };

/** One answer of the planning model with what it cost. */
export interface PlanAnswer {
  message: PlanMessage;
  usage: Usage;
}
export type PlanMessage = Pick<Anthropic.Message, 'content' | 'stop_reason'>;
export type PlanRequest = ReturnType<typeof planRequest>;

/**
 * Asks the planning model, and once more with all faults named when its plan cannot be used.
 * @param ask makes one call, retries included; throws when the model cannot be used
 */
export async function planWithModel(
  question: PlanQuestion,
  model: string,
  ask: (request: PlanRequest) => Promise<PlanAnswer>,
): Promise<ModelPlan> {
  const first = planQuestion(question);
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: first }];
  let usage = NO_USAGE;
  let faults: string[] = [];
  for (let round = 0; round < 2; round += 1) {
    const answer = await ask(planRequest(model, messages));
    usage = addUsage(usage, answer.usage);
    const { message } = answer;
    if (message.stop_reason === 'refusal') return { why: 'the model declined to plan this objective', usage };
    const reading = readingOf(message, question);
    if (reading.plan !== undefined) return { plan: reading.plan, mended: reading.mended, usage };
    faults = reading.faults;
    if (message.content.length === 0) {
      messages.splice(0, 1, { role: 'user', content: `${first}\n\n${repairQuestion(faults)}` });
    } else {
      messages.push(
        { role: 'assistant', content: message.content },
        { role: 'user', content: repairQuestion(faults) },
      );
    }
  }
  return { why: `its plan cannot be used, also after it was told why: ${faults[0] ?? ''}`, usage };
}

function planRequest(model: string, messages: Anthropic.MessageParam[]) {
  return {
    model,
    max_tokens: PLAN_MAX_TOKENS,
    system: PLANNER_SYSTEM,
    messages: [...messages],
    output_config: {
      effort: 'medium' as const,
      format: PLAN_FORMAT,
    },
  };
}

/** Without the SDK's parser: it throws, while an answer that is no plan was paid too, and its usage is in the message. */
const PLAN_FORMAT = { type: 'json_schema' as const, schema: zodOutputFormat(planSchema).schema };

function readingOf(message: PlanMessage, { limits }: PlanQuestion): PlanReading {
  const text = message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  const reading = text.trim() === '' ? { faults: ['The answer has no text.'] } : readPlan(text, limits);
  const whole = reading.plan !== undefined && reading.unclosed !== true;
  if (whole || message.stop_reason !== 'max_tokens') return reading;
  const fault = `The answer was cut off after ${PLAN_MAX_TOKENS} tokens. Plan fewer tasks, at most ${MAX_PLANNED_TASKS}, and describe them more briefly.`;
  return { faults: [fault] };
}
