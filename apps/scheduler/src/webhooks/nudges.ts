import type { EventType } from '@claude-flow/core/contracts/swarm-event';
import type { RedisClient } from '@claude-flow/core/redis/connect';
import { NUDGE_AFTER_MS } from './tunables.ts';

export interface Nudges {
  /** From now on hears of these channels and no others. @param live channel -> types that matter */
  follow(live: ReadonlyMap<string, readonly EventType[]>): Promise<void>;
  end(): void;
}

/**
 * Hears of events as they are published. Only a reason to look: whatever is missed is found by the next look.
 * @param subscriber a connection of its own, in subscriber mode
 */
export function createNudges(
  subscriber: RedisClient,
  on: { nudge(swarmId: string, seq: number): Promise<void>; onError(error: unknown): void },
): Nudges {
  let followed: ReadonlyMap<string, readonly EventType[]> = new Map();
  const pending = new Map<string, NodeJS.Timeout>();

  subscriber.on('message', (channel: string, text: string) => {
    const types = followed.get(channel);
    if (types === undefined || pending.has(channel)) return;
    // Our own texts: types are written like this, and cheaper looked for than parsed.
    if (!types.some((type) => text.includes(`"type":"${type}"`))) return;
    const event = lastOf(text);
    const timer = setTimeout(() => {
      pending.delete(channel);
      on.nudge(event.swarmId, event.seq).catch(on.onError);
    }, NUDGE_AFTER_MS);
    pending.set(channel, timer);
  });

  return {
    async follow(live) {
      const added = [...live.keys()].filter((channel) => !followed.has(channel));
      const gone = [...followed.keys()].filter((channel) => !live.has(channel));
      if (added.length > 0) await subscriber.subscribe(...added);
      followed = live;
      if (gone.length > 0) await subscriber.unsubscribe(...gone);
    },
    end() {
      followed = new Map();
      for (const timer of pending.values()) clearTimeout(timer);
    },
  };
}

function lastOf(text: string): { swarmId: string; seq: number } {
  const published = JSON.parse(text) as { swarmId: string; seq: number } | { swarmId: string; seq: number }[];
  return (Array.isArray(published) ? published.at(-1) : published) ?? { swarmId: '', seq: 0 };
}
