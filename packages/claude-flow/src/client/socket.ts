/** As much of the WHATWG WebSocket as is needed: the global one, or that of the package `ws`. */
export interface SocketLike {
  readyState: number;
  onopen: ((event: never) => unknown) | null;
  onmessage: ((event: never) => unknown) | null;
  onclose: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

export type SocketConstructor = new (url: string, protocols?: string | string[]) => SocketLike;

/** `SocketLike.readyState` of a socket that can send. */
export const OPEN = 1;

/** The WebSocket to use. @throws Error when neither the caller nor the platform has one */
export function socketConstructor(given: SocketConstructor | undefined): SocketConstructor {
  const found = given ?? (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
  if (found === undefined) {
    throw new Error(
      'This version of Node has no WebSocket of its own (22 has). Pass one: ' +
        "new SwarmMonitor(url, { WebSocket }) with `import { WebSocket } from 'ws'`.",
    );
  }
  return found;
}

/** `http://host/base` to `ws://host/base/ws`. */
export function socketUrl(baseUrl: string): string {
  return `${baseUrl.replace(/\/+$/, '').replace(/^http/, 'ws')}/ws`;
}
