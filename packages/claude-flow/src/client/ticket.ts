import { authHeaders, type Credentials, DEFAULT_TIMEOUT_MS, requestJson } from './request.ts';

/**
 * A pass that opens one WebSocket within half a minute. One try only: the monitor has its own way of trying again.
 * @throws ClaudeFlowApiError
 */
export async function fetchTicket(
  baseUrl: string,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<string> {
  const transport = {
    baseUrl: baseUrl.replace(/\/+$/, ''),
    headers: authHeaders(credentials),
    fetch: globalThis.fetch,
    retries: 0,
    timeoutMs: DEFAULT_TIMEOUT_MS,
  };
  const answer = await requestJson<{ ticket: string }>(transport, '/api/ws-ticket', {
    method: 'POST',
    signal,
  });
  return answer.ticket;
}
