import { as } from './owners.ts';
import { CREATE_TRY_MS } from './tunables.ts';

export interface RawSocket {
  /** Takes messages. */
  readonly open: boolean;
  send(message: Record<string, unknown>): void;
  close(): void;
  /** Resolves when it is gone, whoever ended it. */
  readonly lost: Promise<void>;
}

/**
 * A WebSocket as the API speaks it, without what our own client adds: nothing is filtered, nothing comes back by itself.
 * @throws when it gives no ticket
 */
export async function openSocket(
  url: string,
  key: string,
  onMessage: (message: Record<string, unknown>) => void,
): Promise<RawSocket> {
  const answer = await fetch(`${url}/api/ws-ticket`, {
    method: 'POST',
    headers: as(key),
    signal: AbortSignal.timeout(CREATE_TRY_MS),
  });
  if (!answer.ok) throw new Error(`ticket: HTTP ${answer.status}`);
  const { ticket } = (await answer.json()) as { ticket: string };
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws?ticket=${ticket}`);
  const lost = new Promise<void>((resolve) => {
    socket.addEventListener('close', () => resolve());
    socket.addEventListener('error', () => resolve());
  });
  let closed = false;
  socket.addEventListener('message', ({ data }) => {
    if (!closed) onMessage(JSON.parse(String(data)) as Record<string, unknown>);
  });
  return {
    lost,
    get open() {
      return !closed && socket.readyState === WebSocket.OPEN;
    },
    send(message) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    close() {
      closed = true;
      socket.close();
    },
  };
}
