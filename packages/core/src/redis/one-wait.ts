import type { Command } from 'ioredis';

/** The part of a client, single or cluster, that this looks after. */
interface Client {
  readonly status: string;
  ping(): Promise<unknown>;
  on(event: 'ready', listener: () => void): unknown;
  sendCommand(command: Command, ...rest: never[]): unknown;
}

const COMMAND_TIMED_OUT = 'Command timed out';

/**
 * Not ioredis's `commandTimeout`: a process that was held up runs its timers before it reads what has arrived meanwhile, so
 * that a command fails whose answer is there. Here what has arrived is read first.
 */
function giveUpAfter(command: Command, deadlineMs: number): void {
  const timer = setTimeout(
    () => setImmediate(() => command.reject(new Error(COMMAND_TIMED_OUT))),
    deadlineMs,
  );
  const clear = () => clearTimeout(timer);
  command.promise.then(clear, clear);
}

/** Asked again after an answer that was no answer, such as "loading": soon, and not in a loop. */
const ASK_AGAIN_MS = 100;

/**
 * One wait in vain is enough: after a command that timed out all others fail at once, unsent, until Redis answers a ping. A caller who makes
 * several, one after the other, so waits once, whatever he does about the failure of the first; and so do all callers together.
 * @param deadlineMs a command has timed out when it has no answer after this
 */
export function waitOnlyOnce(client: Client, deadlineMs: number): void {
  const send = client.sendCommand.bind(client);
  let away = false;
  let asking = false;

  async function ask(): Promise<void> {
    while (away && client.status !== 'end') {
      try {
        asking = true;
        const answer = client.ping();
        asking = false;
        await answer;
        away = false;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS).unref());
      } finally {
        asking = false;
      }
    }
  }

  client.sendCommand = (command, ...rest) => {
    // What the client itself sends while it connects is none of this.
    if (away && !asking && client.status === 'ready') {
      command.reject(new Error(COMMAND_TIMED_OUT));
      return command.promise;
    }
    command.promise.catch((error: unknown) => {
      if (away || !(error instanceof Error) || error.message !== COMMAND_TIMED_OUT) return;
      away = true;
      void ask();
    });
    giveUpAfter(command, deadlineMs);
    return send(command, ...rest);
  };
  // A new connection has answered its first command already.
  client.on('ready', () => {
    away = false;
  });
}
