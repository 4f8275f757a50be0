interface MockStats {
  calls: number;
  completed: number;
  inFlight: number;
  /** Successful calls whose exact conversation had been answered before: turns paid twice. */
  repeatedPrefixes: number;
  /** Milliseconds since 1970. */
  lastCallStartedAt: number | null;
}

export interface MockRule {
  match?: { agentType?: string; model?: string; contains?: string };
  times?: number;
  respond: Record<string, unknown>;
}

/** The offline model's own controls: what it counted, and what it shall do wrong. */
export function mockControl(url: string | undefined) {
  if (url === undefined) throw new Error('the stack has no offline model');
  const call = async (path: string, body?: unknown) => {
    const init =
      body === undefined
        ? {}
        : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const answer = await fetch(`${url}${path}`, init);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  return {
    stats: async () => (await (await call('/_mock/stats')).json()) as MockStats,
    misbehave: (rules: MockRule[]) => call('/_mock/scenario', { rules }),
    reset: () => call('/_mock/reset', {}),
  };
}
