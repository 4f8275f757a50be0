import { createRespRequestParser, type RespCommand } from './resp-requests.ts';
import type { Tap } from './tcp-flow.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** What was let through is in Redis after this: on loopback it takes well under a millisecond. */
const EXECUTED_WITHIN_MS = 50;

/** What is done about a command. `n` counts the commands that `match` since it was set, from 1. */
export interface CommandTrap {
  /** Default: every command counts. */
  match?: (command: RespCommand) => boolean;
  n: number;
  /**
   * `kill-before`: nothing of the command, nor of anything later, reaches Redis, and the owner is killed.
   * `kill-after`: it reaches Redis and is executed, no reply comes back, and the owner is killed.
   * `hold`: the command and all that follows waits until `mode` is set again; its owner lives.
   */
  act: 'kill-before' | 'kill-after' | 'hold';
}

export interface SprungTrap {
  /** Which command it was, in the order of all commands of the owner. */
  count: number;
  command: RespCommand;
  /** When the owner was told to die, or the holding began: milliseconds since 1970. */
  at: number;
}

export interface RedisProxy extends TcpProxy {
  readonly url: string;
  /** Commands that the owner has sent over all its connections since the start or the last `resetCount`. */
  readonly count: number;
  resetCount(): void;
  /** From now on waits for a command. Resolves when it came and was dealt with (for a kill: the owner was told to die). */
  trap(trap: CommandTrap): Promise<SprungTrap>;
  /** Nothing waits for a command any more. @returns false when the command has come already: then `trap` resolves soon */
  disarm(): boolean;
  /** True: commands reach Redis and are executed, but no reply comes back; false: the replies kept arrive. */
  withholdReplies(on: boolean): void;
}

/**
 * A proxy in front of Redis for one process, its owner: it can cut, delay and reset its connections, and can kill it exactly
 * before or after one of its commands. @param options.kill ends the owner at once (SIGKILL by its process id)
 */
export async function startRedisProxy(options: {
  targetPort: number;
  kill: () => void;
}): Promise<RedisProxy> {
  let count = 0;
  let armed: { trap: CommandTrap; seen: number; sprung: (found: SprungTrap) => void } | undefined;
  let silent = false;
  let cut = false;

  /** What of a piece may go on to Redis. The rest is lost (kill) or waits (hold). */
  const tap = (): Tap => {
    const parser = createRespRequestParser();
    return (piece) => {
      const commands = parser.push(piece);
      if (cut) return { pass: undefined, hold: piece };
      let start = 0;
      for (const command of commands) {
        count += 1;
        const begin = start;
        start = command.end;
        if (armed === undefined || !(armed.trap.match?.(command) ?? true)) continue;
        armed.seen += 1;
        if (armed.seen < armed.trap.n) continue;
        const { trap, sprung } = armed;
        armed = undefined;
        const at = trap.act === 'kill-after' ? command.end : Math.max(0, begin);
        const which = count;
        spring(trap, (at) => sprung({ count: which, command, at }));
        return { pass: piece.subarray(0, at), hold: piece.subarray(at) };
      }
      return { pass: piece, hold: undefined };
    };
  };

  const spring = (trap: CommandTrap, done: (at: number) => void) => {
    cut = true;
    if (trap.act === 'hold') {
      done(Date.now());
      return;
    }
    silent = true;
    proxy.holdReplies(true);
    let at = Date.now();
    if (trap.act === 'kill-before') options.kill();
    setTimeout(() => {
      if (trap.act === 'kill-after') {
        at = Date.now();
        options.kill();
      }
      // Its connections have died with it: the next owner begins anew.
      proxy.reset();
      cut = false;
      silent = false;
      proxy.holdReplies(false);
      done(at);
    }, EXECUTED_WITHIN_MS);
  };

  const proxy = await startTcpProxy({ targetPort: options.targetPort, tap });
  return {
    get port() {
      return proxy.port;
    },
    get connections() {
      return proxy.connections;
    },
    get accepted() {
      return proxy.accepted;
    },
    url: `redis://127.0.0.1:${proxy.port}`,
    get count() {
      return count;
    },
    resetCount() {
      count = 0;
    },
    trap: (trap) =>
      new Promise((resolve) => {
        armed = { trap, seen: 0, sprung: resolve };
      }),
    disarm() {
      const waiting = armed !== undefined;
      armed = undefined;
      return waiting;
    },
    withholdReplies(on) {
      silent = on;
      proxy.holdReplies(on);
    },
    holdReplies: (on) => proxy.holdReplies(on),
    reset: () => proxy.reset(),
    mode(mode) {
      cut = false;
      if (!silent) proxy.holdReplies(false);
      proxy.mode(mode);
    },
    close: () => proxy.close(),
  };
}
