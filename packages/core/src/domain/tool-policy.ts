/** Tools that a policy may name: all but the one that ends a task. `ask_human` is there only where a policy names it. */
export const POLICY_TOOLS = [
  'list_files',
  'read_file',
  'write_file',
  'edit_file',
  'search_files',
  'ask_human',
] as const;
export type PolicyTool = (typeof POLICY_TOOLS)[number];

/** Kinds of tools, which a policy may name in place of each tool: also those that come later are meant. */
export const POLICY_CLASSES = ['read', 'write'] as const;
export type PolicyClass = (typeof POLICY_CLASSES)[number];

const CLASS_OF: Readonly<Partial<Record<PolicyTool, PolicyClass>>> = {
  list_files: 'read',
  read_file: 'read',
  search_files: 'read',
  write_file: 'write',
  edit_file: 'write',
};

/** Tools that come to the same: with the one a model gets what a policy keeps from it with the other. */
const ALIKE: readonly (readonly PolicyTool[])[] = [
  ['write_file', 'edit_file'],
  ['read_file', 'search_files'],
];

/** From lenient to strict. `ask`: a person decides on each call. */
export const TOOL_VERDICTS = ['allow', 'ask', 'deny'] as const;
export type ToolVerdict = (typeof TOOL_VERDICTS)[number];
/** By the names of tools and of their classes. */
export type ToolPolicy = Partial<Record<PolicyTool | PolicyClass, ToolVerdict | undefined>>;
/** What holds for each tool. */
export type ToolVerdicts = Partial<Record<PolicyTool, ToolVerdict>>;

function strictest(verdicts: readonly (ToolVerdict | undefined)[]): ToolVerdict | undefined {
  return TOOL_VERDICTS.findLast((verdict) => verdicts.includes(verdict));
}

/** What one policy says of a tool: by its name, or else by those that come to the same; and by its class. The strictest counts. */
function verdictOf(policy: ToolPolicy, tool: PolicyTool): ToolVerdict | undefined {
  const kind = CLASS_OF[tool];
  const alike = ALIKE.find((tools) => tools.includes(tool)) ?? [];
  const named = policy[tool] ?? strictest(alike.map((other) => policy[other]));
  return strictest([named, kind && policy[kind]]);
}

/** What holds where several policies apply: for each tool the strictest verdict. */
export function strictestPolicy(...policies: readonly (ToolPolicy | undefined)[]): ToolVerdicts {
  const result: ToolVerdicts = {};
  for (const tool of POLICY_TOOLS) {
    const verdict = strictest(policies.map((policy) => policy && verdictOf(policy, tool)));
    if (verdict !== undefined) result[tool] = verdict;
  }
  return result;
}
