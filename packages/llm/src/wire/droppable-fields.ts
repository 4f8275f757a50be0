import { plainSchema } from '../plain-schema.ts';

/** A part of a request that a server may refuse and an agent can do without. */
export type DroppedField =
  | { kind: 'field'; name: 'output_config' | 'thinking' }
  | { kind: 'cache_control' }
  /** `lasting`: of the server or model; otherwise of this one request, which is long. */
  | { kind: 'max_tokens'; limit: number; lasting: boolean }
  /** A keyword of the tools' schemas; their inputs are checked by us all the same. */
  | { kind: 'keyword'; name: string };

type Body = Record<string, unknown>;

/** The least number of output tokens with which an agent can still work: a request is not lowered below. */
const LEAST_OUTPUT_TOKENS = 1_024;

/** Keywords without which a tool's schema says the same to a model, or nearly. */
const KEYWORDS = [
  'additionalProperties',
  'maxLength',
  'minLength',
  'maximum',
  'minimum',
  'exclusiveMaximum',
  'exclusiveMinimum',
  'multipleOf',
  'maxItems',
  'minItems',
  'uniqueItems',
  'pattern',
  'format',
  'default',
] as const;

/** Refusals of what was said before, not of a field: the names in them are those of content blocks. */
const OF_THE_MESSAGES = /signature|thinking` block|thinking block|\bmessages\.\d/i;

/**
 * The optional parts of a request that a refusal names.
 * @param said the body of the refusal, in whatever shape
 */
export function fieldsToDrop(body: Body, said: string): DroppedField[] {
  if (OF_THE_MESSAGES.test(said)) return [];
  const dropped: DroppedField[] = [];
  for (const name of ['output_config', 'thinking'] as const) {
    if (body[name] !== undefined && names(said, name)) dropped.push({ kind: 'field', name });
  }
  if (names(said, 'cache_control') && JSON.stringify(body).includes('"cache_control":')) {
    dropped.push({ kind: 'cache_control' });
  }
  const limit = names(said, 'max_tokens') ? lowerLimit(body['max_tokens'], said) : undefined;
  if (limit !== undefined) {
    dropped.push({ kind: 'max_tokens', limit, lasting: !/context/i.test(said) });
  }
  const tools = JSON.stringify(body['tools'] ?? []);
  for (const name of KEYWORDS) {
    if (names(said, name) && tools.includes(`"${name}":`)) dropped.push({ kind: 'keyword', name });
  }
  return dropped;
}

/** As a word of its own: `thinking` is not named by `rethinking`, nor `max_tokens` by `max_tokens_to_sample`. */
function names(said: string, field: string): boolean {
  return new RegExp(`(?<![A-Za-z0-9_])${field}(?![A-Za-z0-9_])`).test(said);
}

/** The largest number below the current one that the refusal names, or half of it. */
function lowerLimit(current: unknown, said: string): number | undefined {
  if (typeof current !== 'number' || current <= LEAST_OUTPUT_TOKENS) return undefined;
  const named = [...said.matchAll(/(?<![\w.-])[0-9][0-9,_]{2,11}(?![\w-])/g)]
    .map(([digits]) => Number(digits.replace(/[,_]/g, '')))
    .filter((value) => value < current && value >= LEAST_OUTPUT_TOKENS);
  return named.length > 0 ? Math.max(...named) : Math.max(LEAST_OUTPUT_TOKENS, Math.floor(current / 2));
}

/** The request without it; the one given stays as it is. */
export function withoutField(body: Body, dropped: DroppedField): Body {
  switch (dropped.kind) {
    case 'field': {
      const { [dropped.name]: _left, ...rest } = body;
      return rest;
    }
    case 'cache_control':
      return { ...(withoutKey(body, 'cache_control') as Body) };
    case 'max_tokens': {
      const current = body['max_tokens'];
      return typeof current === 'number' ? { ...body, max_tokens: Math.min(current, dropped.limit) } : body;
    }
    case 'keyword':
      return { ...body, tools: withoutKeywords(body['tools'], new Set([dropped.name])) };
  }
}

/** Tools with their schemas freed from these keywords; properties that happen to be named like one stay. */
function withoutKeywords(tools: unknown, keywords: ReadonlySet<string>): unknown {
  if (!Array.isArray(tools)) return tools;
  return tools.map((tool: unknown) =>
    isObject(tool) ? { ...tool, input_schema: plainSchema(tool['input_schema'], keywords) } : tool,
  );
}

/** Without this field at any depth; what a model wrote (a tool's input) and schemas are left alone. */
function withoutKey(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutKey(item, key));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== key)
      .map(([name, item]) => [
        name,
        name === 'input' || name === 'input_schema' ? item : withoutKey(item, key),
      ]),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
