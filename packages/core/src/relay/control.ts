import type { Redis } from 'ioredis';
import { type ControlMessage, controlMessageSchema } from '../contracts/control.ts';
import type { Ledger } from '../store/ledger.ts';

/** Tells all workers at once. One that misses it learns the same from its next heartbeat. */
export async function publishControl(ledger: Ledger, message: ControlMessage): Promise<void> {
  await ledger.redis.publish(ledger.keys.controlChannel, JSON.stringify(message));
}

/** @param subscriber a connection of its own, in subscriber mode */
export async function subscribeControl(
  subscriber: Redis,
  channel: string,
  handle: (message: ControlMessage) => void,
): Promise<void> {
  subscriber.on('message', (from: string, text: string) => {
    if (from !== channel) return;
    const parsed = controlMessageSchema.safeParse(JSON.parse(text));
    if (parsed.success) handle(parsed.data);
  });
  await subscriber.subscribe(channel);
}
