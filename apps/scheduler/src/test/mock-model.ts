import { startMockAnthropic } from '@claude-flow/mock-anthropic/server';

/** A rule of the offline server: what to answer instead of its own plan. */
export interface MockRule {
  match?: { agentType?: string; contains?: string };
  times?: number;
  respond: Record<string, unknown>;
}

export interface MockModel {
  url: string;
  /** Replaces all rules; each holds for the planner alone. */
  rules(...rules: MockRule[]): Promise<void>;
  reset(): Promise<void>;
  /** Planning calls that were begun since the last reset. */
  calls(): Promise<number>;
  /** Calls that are open. */
  inFlight(): Promise<number>;
  close(): Promise<void>;
}

export async function startMockModel(): Promise<MockModel> {
  const server = await startMockAnthropic({ port: 0, latencyMs: 0 });
  const post = async (path: string, body: unknown) => {
    const response = await fetch(`${server.url}/_mock/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(await response.text());
  };
  const stats = async () =>
    (await (await fetch(`${server.url}/_mock/stats`)).json()) as {
      byAgentType: Record<string, number>;
      inFlight: number;
    };
  return {
    url: server.url,
    rules: (...rules) =>
      post('scenario', { rules: rules.map((rule) => ({ match: { agentType: 'planner' }, ...rule })) }),
    reset: () => post('reset', {}),
    calls: async () => (await stats()).byAgentType['planner'] ?? 0,
    inFlight: async () => (await stats()).inFlight,
    close: () => server.close(),
  };
}
