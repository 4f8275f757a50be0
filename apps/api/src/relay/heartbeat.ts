import type { WebSocket } from 'ws';

/** Pings without an answer after which a connection is taken for dead. */
const MISSES = 2;

export interface Heartbeat {
  watch(socket: WebSocket): void;
  stop(): void;
}

/** Pings all sockets at one pace; a socket that stays silent is ended, so that half-open connections do not pile up. */
export function createHeartbeat(everyMs: number): Heartbeat {
  const missed = new Map<WebSocket, number>();
  const timer = setInterval(() => {
    for (const [socket, misses] of missed) {
      if (misses >= MISSES) {
        missed.delete(socket);
        socket.terminate();
      } else if (socket.readyState === socket.OPEN) {
        missed.set(socket, misses + 1);
        socket.ping();
      }
    }
  }, everyMs);
  timer.unref();
  return {
    watch(socket) {
      missed.set(socket, 0);
      const alive = () => missed.has(socket) && missed.set(socket, 0);
      socket.on('pong', alive);
      socket.on('message', alive);
      socket.on('close', () => missed.delete(socket));
    },
    stop: () => clearInterval(timer),
  };
}
