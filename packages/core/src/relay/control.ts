import { type ControlMessage, controlMessageSchema } from '../contracts/control.ts';
import type { RedisClient } from '../redis/connect.ts';
import { type Ledger, write } from '../store/ledger.ts';

/** Tells all workers at once. One that misses it learns the same from its next heartbeat. */
export async function publishControl(ledger: Ledger, message: ControlMessage): Promise<void> {
  await write(ledger, ledger.keys.controlChannel, ['PUBLISH', JSON.stringify(message)]);
}

/** @param subscriber a connection of its own, in subscriber mode */
export async function subscribeControl(
  subscriber: RedisClient,
  channel: string,
  handle: (message: ControlMessage) => void,
): Promise<void> {
  subscriber.on('message', (from: string, text: string) => {
    if (from !== channel) return;
    const message = parseControl(text);
    if (message !== undefined) handle(message);
  });
  await subscriber.subscribe(channel);
}

/** Anything else on the channel is ignored: a message of a newer version must not end an older process. */
function parseControl(text: string): ControlMessage | undefined {
  try {
    return controlMessageSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
