import type { ModelSpec } from '../models/catalogue.ts';
import { findModel } from '../models/catalogue.ts';
import { ApiError, badRequest } from '../wire/errors.ts';
import { checkOutputSchema } from './output-schema.ts';
import type { Conversation, MessagesRequest } from './schema.ts';

/** The API takes at most this many explicit cache markers. */
const MAX_CACHE_MARKERS = 4;

/** The model of a request. @throws ApiError 404 when there is none of that name. */
export const requireModel = (id: string): ModelSpec => {
  const model = findModel(id);
  if (model === undefined) throw new ApiError(404, `model: ${id}`);
  return model;
};

/** Whether the model will think before it answers this request. */
export const thinks = (request: Conversation, model: ModelSpec): boolean => {
  const type = request.thinking?.type;
  if (type === undefined) return model.thinksByDefault;
  return type === 'adaptive' || type === 'enabled';
};

const checkThinking = (request: Conversation, model: ModelSpec): void => {
  const { thinking } = request;
  if (thinking === undefined) return;
  if (!model.thinkingTypes.includes(thinking.type)) {
    const hint =
      thinking.type === 'disabled' && model.thinkingTypes.includes('between_tools')
        ? ' Use "thinking.type.between_tools" instead.'
        : '';
    throw badRequest(`"thinking.type.${thinking.type}" is not supported for this model.${hint}`);
  }
  const effort = request.output_config?.effort;
  if (thinking.type === 'between_tools' && (effort === 'xhigh' || effort === 'max')) {
    throw badRequest(`"thinking.type.between_tools" is not supported at effort "${effort}".`);
  }
};

const checkTools = (request: Conversation, model: ModelSpec): void => {
  const names = (request.tools ?? []).map((tool) => tool.name);
  if (new Set(names).size < names.length) throw badRequest('tools: Tool names must be unique.');
  const choice = request.tool_choice;
  if (choice === undefined) return;
  const forced = choice.type === 'any' || choice.type === 'tool';
  if (forced && !model.forcedToolUse) {
    throw badRequest(
      `tool_choice: forced tool use ("${choice.type}") is not supported for this model. Use "auto" or "none".`,
    );
  }
  if (forced && thinks(request, model)) {
    throw badRequest('Thinking may not be enabled when tool_choice forces tool use.');
  }
  if (choice.type === 'tool' && !names.includes(choice.name)) {
    throw badRequest(`tool_choice: tool "${choice.name}" is not in \`tools\``);
  }
  if (names.length === 0 && choice.type !== 'none') {
    throw badRequest('tool_choice: may only be specified while providing tools');
  }
};

const countMarkers = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce((sum: number, entry) => sum + countMarkers(entry), 0);
  if (typeof value !== 'object' || value === null) return 0;
  const own = 'cache_control' in value && value.cache_control != null ? 1 : 0;
  return own + ('content' in value ? countMarkers(value.content) : 0);
};

const checkMarkers = (request: Conversation): void => {
  const automatic = request.cache_control == null ? 0 : 1;
  const found =
    automatic + countMarkers(request.tools) + countMarkers(request.system) + countMarkers(request.messages);
  if (found > MAX_CACHE_MARKERS) {
    throw badRequest(
      `A maximum of ${MAX_CACHE_MARKERS} blocks with cache_control may be provided. Found ${found}.`,
    );
  }
};

/** Rules that hold for counting as well as for answering. @throws ApiError 400 */
export const checkConversation = (request: Conversation, model: ModelSpec): void => {
  checkThinking(request, model);
  checkTools(request, model);
  checkMarkers(request);
  const effort = request.output_config?.effort;
  if (effort != null && !model.efforts.includes(effort)) {
    throw badRequest(`output_config.effort: "${effort}" is not supported for this model.`);
  }
  const format = request.output_config?.format;
  if (format != null) checkOutputSchema(format.schema);
  if (request.messages.at(-1)?.role === 'assistant' && !model.prefill) {
    throw badRequest(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
  }
};

/** Rules about the answer asked for. @throws ApiError 400 */
export const checkAnswerLimits = (request: MessagesRequest, model: ModelSpec): void => {
  if (request.max_tokens > model.maxOutputTokens) {
    throw badRequest(
      `max_tokens: ${request.max_tokens} > ${model.maxOutputTokens}, which is the maximum allowed number of output tokens for ${model.id}`,
    );
  }
  const { thinking } = request;
  if (thinking?.type === 'enabled' && thinking.budget_tokens >= request.max_tokens) {
    throw badRequest('`max_tokens` must be greater than `thinking.budget_tokens`.');
  }
};
