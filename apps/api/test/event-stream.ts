import { waitFor } from '@claude-flow/testing/wait-for';

interface ServerEvent {
  id?: string;
  event?: string;
  data?: string;
}

export interface EventStream {
  headers: Headers;
  events: ServerEvent[];
  until(reached: (events: ServerEvent[]) => boolean, what: string): Promise<unknown>;
  /** Resolves when the server has ended the stream. */
  ended(): Promise<unknown>;
  close(): Promise<void>;
}

const DEADLINE_MS = 10_000;

/** A reader of `text/event-stream` over real HTTP. */
export async function openEventStream(
  url: string,
  swarmId: string,
  from: { after?: number; lastEventId?: string; key?: string } = {},
): Promise<EventStream> {
  const abort = new AbortController();
  const query = from.after === undefined ? '' : `?after=${from.after}`;
  const response = await fetch(`${url}/api/swarm/${swarmId}/events${query}`, {
    signal: abort.signal,
    headers: {
      accept: 'text/event-stream',
      ...(from.lastEventId === undefined ? {} : { 'last-event-id': from.lastEventId }),
      ...(from.key === undefined ? {} : { 'x-api-key': from.key }),
    },
  });
  if (response.body === null || !response.ok) throw new Error(`No stream: ${response.status}`);
  const events: ServerEvent[] = [];
  let over = false;
  const reading = (async () => {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      rest += decoder.decode(chunk, { stream: true });
      const blocks = rest.split('\n\n');
      rest = blocks.pop() ?? '';
      events.push(...blocks.map(parseBlock).filter((event) => event.data !== undefined));
    }
  })()
    .catch(() => undefined)
    .finally(() => {
      over = true;
    });
  return {
    headers: response.headers,
    events,
    until: (reached, what) => waitFor(() => reached(events), { deadlineMs: DEADLINE_MS, what }),
    ended: () => waitFor(() => over, { deadlineMs: DEADLINE_MS, what: 'the stream to end' }),
    async close() {
      abort.abort();
      await reading;
    },
  };
}

function parseBlock(block: string): ServerEvent {
  return Object.fromEntries(
    block
      .split('\n')
      .filter((line) => !line.startsWith(':'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
}
