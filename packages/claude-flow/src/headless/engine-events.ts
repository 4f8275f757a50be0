import type { SwarmEvent } from '@claude-flow/core/contracts/swarm-event';
import { createRedis } from '@claude-flow/core/redis/connect';
import { getSwarmState, listActiveSwarms } from '@claude-flow/core/store/swarms';
import type { Engine } from './engine.ts';

const LAST_EVENTS: ReadonlySet<string> = new Set(['swarm.completed', 'swarm.failed', 'swarm.stopped']);
const PAGE = 500;
/** Swarms whose end is remembered: far more than end while one message is on its way. */
const ENDS_REMEMBERED = 10_000;

export interface EngineEvents {
  stop(): void;
}

/**
 * Every event of every swarm, in order and once each within a swarm: those that run already from where they stand, new ones
 * from the first. A pattern subscription tells of swarms that are not followed yet; the feed fills its gaps.
 */
export async function followEngine(
  engine: Engine,
  onEvent: (event: SwarmEvent) => void,
): Promise<EngineEvents> {
  const { ledger, feed, log, config } = engine.api.deps;
  const followed = new Map<string, { end?: () => void }>();
  /** By its own channel a swarm's end is heard a moment before, or after, the pattern tells of it. */
  const ends = new Map<string, { seq: number; epoch: number }>();
  const remember = ({ swarmId, seq, epoch }: SwarmEvent) => {
    ends.set(swarmId, { seq, epoch });
    const [oldest] = ends.keys();
    if (ends.size > ENDS_REMEMBERED && oldest !== undefined) ends.delete(oldest);
  };
  const isKnown = ({ swarmId, seq, epoch }: SwarmEvent) => {
    const end = ends.get(swarmId);
    return end !== undefined && end.epoch === epoch && seq <= end.seq;
  };
  let stopped = false;

  const begin = (swarmId: string, after: number) => {
    if (stopped || followed.has(swarmId)) return;
    const entry: { end?: () => void } = {};
    followed.set(swarmId, entry);
    let over = false;
    const letGo = () => {
      over = true;
      entry.end?.();
      followed.delete(swarmId);
    };
    const event = (event: SwarmEvent) => {
      if (stopped) return;
      onEvent(event);
      if (!LAST_EVENTS.has(event.type)) return;
      remember(event);
      letGo();
    };
    feed.follow(swarmId, after, { event, gone: letGo }).then(
      ({ end }) => {
        entry.end = end;
        if (over || stopped) end();
      },
      (error: unknown) => {
        followed.delete(swarmId);
        if (!stopped) log.warn({ err: error, swarmId }, 'A swarm could not be followed');
      },
    );
  };

  const subscriber = createRedis({
    url: config.redisUrl,
    tls: config.redisTls,
    name: 'claude-flow-headless-events',
    mode: 'patient',
    onError: () => {},
  });
  subscriber.on('pmessage', (_pattern: string, _channel: string, text: string) => {
    const published = JSON.parse(text) as SwarmEvent | SwarmEvent[];
    const events = Array.isArray(published) ? published : [published];
    const [first] = events;
    const last = events.at(-1);
    if (first === undefined || last === undefined || followed.has(first.swarmId) || isKnown(last)) return;
    begin(first.swarmId, first.seq - 1);
  });
  await subscriber.psubscribe(ledger.keys.eventsChannels);
  for (let offset = 0; ; offset += PAGE) {
    const ids = await listActiveSwarms(ledger, offset, PAGE);
    for (const swarmId of ids) begin(swarmId, (await getSwarmState(ledger, swarmId))?.seq ?? 0);
    if (ids.length < PAGE) break;
  }
  return {
    stop() {
      stopped = true;
      for (const { end } of followed.values()) end?.();
      followed.clear();
      subscriber.disconnect();
    },
  };
}
