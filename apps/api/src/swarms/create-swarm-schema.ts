import { isModelName, MODEL_NAME_RULE } from '@claude-flow/core/domain/model-name';
import { MODES, STRATEGIES } from '@claude-flow/core/domain/vocabulary';
import { isPriced } from '@claude-flow/llm/prices';
import { z } from '@hono/zod-openapi';
import { ownTasks } from '../tasks/own-tasks-schema.ts';
import { newBudget } from './budget-schema.ts';
import { swarmOptions } from './options-schema.ts';
import { newWebhook } from './webhook-schema.ts';

const MIN_OBJECTIVE = 10;
const MAX_OBJECTIVE = 2000;

/** White space around an objective that is not counted; more of it is no slip. */
const MAX_AROUND = 100;

const isHigh = (code: number) => code >= 0xd800 && code <= 0xdbff;
const isLow = (code: number) => code >= 0xdc00 && code <= 0xdfff;

/** Counted by code units: a list or an iterator of a megabyte of characters takes long. */
function characters(text: string): number {
  let count = text.length;
  for (let at = 1; at < text.length; at += 1)
    if (isLow(text.charCodeAt(at)) && isHigh(text.charCodeAt(at - 1))) count -= 1;
  return count;
}

/** Any text, kept as it came; only its length without the white space around it is looked at, while there is little of that. */
const objective = z
  .string('objective is required: the text of what is to be done.')
  .superRefine((text, context) => {
    const said = text.trim();
    const tooMuchAround = said.length >= MIN_OBJECTIVE && text.length - said.length > MAX_AROUND;
    const length = characters(tooMuchAround ? text : said);
    if (length >= MIN_OBJECTIVE && length <= MAX_OBJECTIVE) return;
    const message = `objective must have ${MIN_OBJECTIVE} to ${MAX_OBJECTIVE} characters; it has ${length}.`;
    context.addIssue({ code: 'custom', message });
  })
  .openapi({
    minLength: MIN_OBJECTIVE,
    maxLength: MAX_OBJECTIVE,
    example: 'Build a REST API for user management',
  });

export const createSwarmBody = z
  .object({
    objective,
    strategy: z.enum(STRATEGIES).default('auto'),
    mode: z.enum(MODES).default('centralized').openapi({
      description:
        'Accepted and kept. Today every swarm runs centralized; data.effectiveMode says how it runs.',
    }),
    maxAgents: z.int().min(1).max(50).default(5),
    timeout: z
      .int()
      .min(30_000)
      .max(3_600_000)
      .default(300_000)
      .openapi({ description: 'Milliseconds from the start' }),
    parallel: z.boolean().default(true).openapi({ description: 'false: one task at a time' }),
    options: swarmOptions,
    tasks: ownTasks.optional(),
    autoStart: z.boolean().default(false).openapi({ description: 'Start as soon as it is planned' }),
    model: z.string().refine(isModelName, `model ${MODEL_NAME_RULE}.`).optional().openapi({
      description: 'Model id for all agents, as its server spells it',
      minLength: 1,
      maxLength: 200,
    }),
    budget: newBudget.optional(),
    webhook: newWebhook.optional(),
  })
  .superRefine(
    (given: { model?: unknown; budget?: { maxCostUsd?: unknown } | undefined }, context) => {
      const { model, budget } = given;
      if (typeof budget?.maxCostUsd !== 'number' || typeof model !== 'string' || isPriced(model)) return;
      const message = `The price of the model ${model} is not known, so that budget.maxCostUsd could not hold. Use budget.maxTokens, or a model of the price list.`;
      context.addIssue({ code: 'custom', path: ['budget', 'maxCostUsd'], message });
    },
    { when: ({ value }) => typeof value === 'object' && value !== null },
  )
  .openapi('CreateSwarm');

/** What people write beside the fields of a new swarm although it has its place elsewhere. */
export const MISPLACED_IN_SWARM = {
  toolPolicy: 'options.toolPolicy',
  maxTokens: 'budget.maxTokens',
  maxCostUsd: 'budget.maxCostUsd',
  permissions: 'tasks[].requirements.permissions',
  requirements: 'tasks[].requirements',
};

export type CreateSwarm = z.infer<typeof createSwarmBody>;
