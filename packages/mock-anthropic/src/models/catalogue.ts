/** What the simulation knows of one model: the limits and rules that a request is checked against. */
export type ModelSpec = {
  id: string;
  displayName: string;
  line: 'haiku' | 'sonnet' | 'opus' | 'fable' | 'mythos';
  /** RFC 3339; the epoch where the release date is not known. */
  createdAt: string;
  deprecatedAt: string | null;
  retiresAt: string | null;
  maxInputTokens: number;
  maxOutputTokens: number;
  /** Shorter prefixes are never written to the prompt cache. */
  minCacheTokens: number;
  /** Which `thinking.type` values are accepted; all others are a 400. */
  thinkingTypes: ReadonlyArray<'adaptive' | 'between_tools' | 'disabled' | 'enabled'>;
  /** Whether the model thinks when a request says nothing about thinking. */
  thinksByDefault: boolean;
  defaultDisplay: 'omitted' | 'summarized';
  /** Thinking blocks are bound to the model and to everything before them; text between tool calls is thinking. */
  bindsThinking: boolean;
  forcedToolUse: boolean;
  prefill: boolean;
  efforts: ReadonlyArray<'low' | 'medium' | 'high' | 'xhigh' | 'max'>;
};

const EPOCH = '1970-01-01T00:00:00Z';
const ALL_EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;

const newest: Omit<ModelSpec, 'id' | 'displayName' | 'line'> = {
  createdAt: EPOCH,
  deprecatedAt: null,
  retiresAt: null,
  maxInputTokens: 1_000_000,
  maxOutputTokens: 128_000,
  minCacheTokens: 512,
  thinkingTypes: ['adaptive'],
  thinksByDefault: true,
  defaultDisplay: 'omitted',
  bindsThinking: true,
  forcedToolUse: false,
  prefill: false,
  efforts: ALL_EFFORTS,
};

const version5: typeof newest = {
  ...newest,
  minCacheTokens: 1024,
  thinkingTypes: ['adaptive', 'disabled'],
  bindsThinking: false,
  forcedToolUse: true,
};

const version4: typeof newest = {
  ...version5,
  thinkingTypes: ['adaptive', 'disabled', 'enabled'],
  thinksByDefault: false,
  defaultDisplay: 'summarized',
  efforts: ['low', 'medium', 'high', 'max'],
};

const small4: typeof newest = {
  ...version4,
  maxInputTokens: 200_000,
  maxOutputTokens: 64_000,
  minCacheTokens: 4096,
  thinkingTypes: ['disabled', 'enabled'],
  prefill: true,
  efforts: [],
};

const sonnet45 = { deprecatedAt: EPOCH, retiresAt: '2026-11-30T00:00:00Z' };

/** Newest first, as the models endpoint lists them. */
export const MODELS: readonly ModelSpec[] = [
  { ...newest, id: 'claude-fable-5-2', displayName: 'Claude Fable 5.2', line: 'fable' },
  { ...newest, id: 'claude-mythos-5-2', displayName: 'Claude Mythos 5.2', line: 'mythos' },
  {
    ...newest,
    id: 'claude-haiku-5-5',
    displayName: 'Claude Haiku 5.5',
    line: 'haiku',
    createdAt: '2026-10-07T00:00:00Z',
    thinkingTypes: ['adaptive', 'disabled'],
    forcedToolUse: true,
  },
  {
    ...newest,
    id: 'claude-sonnet-5-5',
    displayName: 'Claude Sonnet 5.5',
    line: 'sonnet',
    createdAt: '2026-09-28T00:00:00Z',
    thinkingTypes: ['adaptive', 'between_tools'],
  },
  {
    ...newest,
    id: 'claude-opus-5-5',
    displayName: 'Claude Opus 5.5',
    line: 'opus',
    createdAt: '2026-09-22T00:00:00Z',
  },
  { ...newest, id: 'claude-fable-5-1', displayName: 'Claude Fable 5.1', line: 'fable' },
  { ...newest, id: 'claude-mythos-5-1', displayName: 'Claude Mythos 5.1', line: 'mythos' },
  { ...version5, id: 'claude-sonnet-5', displayName: 'Claude Sonnet 5', line: 'sonnet' },
  {
    ...version5,
    id: 'claude-fable-5',
    displayName: 'Claude Fable 5',
    line: 'fable',
    thinkingTypes: ['adaptive'],
  },
  {
    ...version5,
    id: 'claude-mythos-5',
    displayName: 'Claude Mythos 5',
    line: 'mythos',
    thinkingTypes: ['adaptive'],
  },
  { ...version5, id: 'claude-opus-5', displayName: 'Claude Opus 5', line: 'opus' },
  { ...version5, id: 'claude-opus-4-8', displayName: 'Claude Opus 4.8', line: 'opus' },
  { ...version5, id: 'claude-opus-4-7', displayName: 'Claude Opus 4.7', line: 'opus' },
  { ...version4, id: 'claude-opus-4-6', displayName: 'Claude Opus 4.6', line: 'opus' },
  { ...version4, id: 'claude-sonnet-4-6', displayName: 'Claude Sonnet 4.6', line: 'sonnet' },
  { ...small4, id: 'claude-haiku-4-5', displayName: 'Claude Haiku 4.5', line: 'haiku' },
  { ...small4, id: 'claude-opus-4-5', displayName: 'Claude Opus 4.5', line: 'opus' },
  { ...small4, ...sonnet45, id: 'claude-sonnet-4-5', displayName: 'Claude Sonnet 4.5', line: 'sonnet' },
];

const ALIASES: Readonly<Record<string, string>> = {
  'claude-haiku-4-5-20251001': 'claude-haiku-4-5',
  'claude-opus-4-5-20251101': 'claude-opus-4-5',
  'claude-sonnet-4-5-20250929': 'claude-sonnet-4-5',
};

/** The model of that id or dated alias; undefined when there is none. */
export const findModel = (id: string): ModelSpec | undefined =>
  MODELS.find((model) => model.id === (ALIASES[id] ?? id));
