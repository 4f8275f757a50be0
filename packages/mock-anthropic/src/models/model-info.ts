import type { ModelSpec } from './catalogue.ts';

const support = (supported: boolean) => ({ supported });

/** One entry of `GET /v1/models`, in the shape of the real API. */
export const modelInfo = (model: ModelSpec) => {
  const effort = (level: ModelSpec['efforts'][number]) => support(model.efforts.includes(level));
  const thinking = (type: ModelSpec['thinkingTypes'][number]) => support(model.thinkingTypes.includes(type));
  return {
    id: model.id,
    type: 'model' as const,
    display_name: model.displayName,
    line: model.line,
    created_at: model.createdAt,
    deprecated_at: model.deprecatedAt,
    retires_at: model.retiresAt,
    lifecycle: model.deprecatedAt === null ? ('active' as const) : ('deprecated' as const),
    max_input_tokens: model.maxInputTokens,
    max_tokens: model.maxOutputTokens,
    // Only what the simulation does is declared, whatever the real model can do.
    capabilities: {
      batch: support(false),
      citations: support(false),
      code_execution: support(false),
      context_management: {
        supported: false,
        clear_thinking_20251015: null,
        clear_tool_uses_20250919: null,
        compact_20260112: null,
      },
      effort: {
        supported: model.efforts.length > 0,
        low: effort('low'),
        medium: effort('medium'),
        high: effort('high'),
        xhigh: effort('xhigh'),
        max: effort('max'),
      },
      image_input: support(true),
      pdf_input: support(true),
      server_tools: { supported: false, code_execution: support(false), web_search: support(false) },
      structured_outputs: support(true),
      thinking: {
        supported: true,
        types: {
          adaptive: thinking('adaptive'),
          between_tools: thinking('between_tools'),
          disabled: thinking('disabled'),
          enabled: thinking('enabled'),
        },
      },
    },
  };
};
