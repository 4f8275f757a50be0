import type { Command } from 'ioredis';

/** The part of a client, single or cluster, that this looks after. */
interface Client {
  readonly status: string;
  ping(): Promise<unknown>;
  on(event: 'ready', listener: () => void): unknown;
  sendCommand(command: Command, ...rest: never[]): unknown;
}

const COMMAND_TIMED_OUT = 'Command timed out';
/** Asked again after an answer that was no answer, such as "loading": soon, and not in a loop. */
const ASK_AGAIN_MS = 100;

/**
 * One wait in vain is enough: after a command that timed out all others fail at once, unsent, until Redis answers a ping. A caller who makes
 * several, one after the other, so waits once, whatever he does about the failure of the first; and so do all callers together.
 */
export function waitOnlyOnce(client: Client): void {
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
    return send(command, ...rest);
  };
  // A new connection has answered its first command already.
  client.on('ready', () => {
    away = false;
  });
}
