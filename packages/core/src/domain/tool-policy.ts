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

/** From lenient to strict. `ask`: a person decides on each call. */
export const TOOL_VERDICTS = ['allow', 'ask', 'deny'] as const;
export type ToolVerdict = (typeof TOOL_VERDICTS)[number];
export type ToolPolicy = Partial<Record<PolicyTool, ToolVerdict | undefined>>;

/** What holds where several policies apply: for each tool the strictest that names it. */
export function strictestPolicy(...policies: readonly (ToolPolicy | undefined)[]): ToolPolicy {
  const result: ToolPolicy = {};
  for (const tool of POLICY_TOOLS) {
    const named = policies.map((policy) => policy?.[tool]).filter((verdict) => verdict !== undefined);
    const strictest = TOOL_VERDICTS.findLast((verdict) => named.includes(verdict));
    if (strictest !== undefined) result[tool] = strictest;
  }
  return result;
}
