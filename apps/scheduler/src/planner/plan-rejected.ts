import type Anthropic from '@anthropic-ai/sdk';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import type { Usage } from '@claude-flow/core/domain/task';
import { classifyModelError } from '@claude-flow/llm/model-errors';

/** The provider refuses the key, the account or the model: a template would only have every agent refused the same way. */
export class PlanRejected extends ClaudeFlowError {
  /** What the planning calls cost until then. */
  readonly usage: Usage;

  constructor(sentence: string, usage: Usage) {
    super('model_rejected', `The plan cannot be made: ${sentence}`);
    this.usage = usage;
  }
}

/** Payment wanted, key refused, right missing, model or address unknown. */
const HOPELESS = [401, 402, 403, 404];

/** Many servers answer an unknown model with a 400, and nothing but words tells it from any other. */
const UNKNOWN_MODEL =
  /(?:unknown|invalid|unrecognized|unsupported|no such) model\b|\bmodel\b.{0,80}(?:not found|not exist|not available|unknown)/i;

/** Is this about who asks and which model is asked, and not about what is asked? Pure. */
export function isHopeless(error: unknown): boolean {
  if (classifyModelError(error).code !== 'model_rejected') return false;
  const answer = answerIn(error);
  if (answer === undefined) return false;
  // Spend limits are 429s.
  if (answer.status === 429 || HOPELESS.includes(answer.status)) return true;
  return answer.status === 400 && UNKNOWN_MODEL.test(answer.said);
}

function answerIn(error: unknown): { status: number; said: string } | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { status, apiMessage } = cause as Partial<InstanceType<typeof Anthropic.APIError>>;
    if (typeof status === 'number') return { status, said: apiMessage ?? cause.message };
  }
  return undefined;
}
