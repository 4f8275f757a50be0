import { setTimeout as delay } from 'node:timers/promises';
import { eventOfMessage, FINAL_EVENTS, type SwarmEventMessage } from 'claude-flow/client';
import type { Random } from '../random.ts';
import type { Cluster } from './cluster.ts';
import { as, OWNER_KEY } from './owners.ts';
import { openSocket } from './socket.ts';
import { CREATE_TRY_MS, RETRY_EVERY_MS } from './tunables.ts';

/**
 * Readers that stay with no API for long: each connection goes to another one and continues where the last one ended. What
 * comes is written down as it comes; our own client would hide what comes twice.
 */
export interface HoppingReaders {
  follow(swarmId: string, signal: AbortSignal): void;
  /** Resolves when each has had the last event of each swarm, or its signal has ended it. */
  done(): Promise<void>;
}

/** One connection lasts so long, in milliseconds: some of the past, the change-over, and some live. */
const HOP_MS = [200, 2_500] as const;

interface Place {
  seq: number;
  epoch: number | undefined;
  over: boolean;
  signal: AbortSignal;
}

export function startHoppingReaders(cluster: Cluster, random: Random): HoppingReaders {
  const apis = cluster.of('api');
  const api = (turn: number) => apis[turn % apis.length]?.url ?? '';
  const sse: Promise<void>[] = [];
  const sockets = new Map<string, Place>();
  let closing = false;

  function got(reader: string, place: Place, frame: SwarmEventMessage): void {
    const event = eventOfMessage(frame);
    cluster.history.add({ kind: 'event', reader, event });
    place.seq = event.seq;
    place.epoch = event.epoch;
    place.over ||= FINAL_EVENTS.includes(event.type);
  }

  async function streams(swarmId: string, place: Place): Promise<void> {
    for (let turn = random.integer(0, 1); !place.over && !place.signal.aborted; turn += 1) {
      const limit = AbortSignal.any([place.signal, AbortSignal.timeout(random.integer(...HOP_MS))]);
      await stream(api(turn), swarmId, place, limit).catch(() => undefined);
      if (!place.over) await delay(RETRY_EVERY_MS);
    }
  }

  async function stream(url: string, swarmId: string, place: Place, signal: AbortSignal): Promise<void> {
    const { seq, epoch } = place;
    const answer = await fetch(`${url}/api/swarm/${swarmId}/events`, {
      headers: {
        ...as(OWNER_KEY),
        accept: 'text/event-stream',
        'last-event-id': epoch === undefined ? String(seq) : `${seq}-${epoch}`,
      },
      signal,
    });
    if (!answer.ok || answer.body === null) return;
    let rest = '';
    for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
      const messages = (rest + piece).split('\n\n');
      rest = messages.pop() ?? '';
      for (const message of messages) {
        const data = /^data: (.*)$/m.exec(message)?.[1];
        if (data === undefined || signal.aborted) continue;
        const frame = JSON.parse(data) as SwarmEventMessage;
        if (frame.type === 'swarm_event') got('raw-sse', place, frame);
      }
    }
  }

  /** One socket for all swarms, as a page has it. */
  const socketReader = (async () => {
    const open = () => [...sockets].filter(([, { over, signal }]) => !over && !signal.aborted);
    for (let turn = 1; !closing || open().length > 0; turn += 1) {
      await hop(api(turn), random.integer(...HOP_MS)).catch(() => undefined);
      await delay(RETRY_EVERY_MS);
    }
  })();

  async function hop(url: string, ms: number): Promise<void> {
    const sent = new Set<string>();
    const socket = await openSocket(url, OWNER_KEY, (message) => {
      if (message['type'] !== 'swarm_event') return;
      const place = sockets.get(String(message['swarmId']));
      if (place !== undefined) got('raw-ws', place, message as unknown as SwarmEventMessage);
    });
    // Swarms come up while it is open.
    const subscribe = setInterval(() => {
      for (const [swarmId, { seq, epoch, over }] of sockets) {
        if (over || sent.has(swarmId) || !socket.open) continue;
        sent.add(swarmId);
        socket.send({ type: 'subscribe', swarmId, after: seq, ...(epoch === undefined ? {} : { epoch }) });
      }
    }, RETRY_EVERY_MS / 4);
    const timer = delay(ms + CREATE_TRY_MS / 10);
    await Promise.race([timer, socket.lost]);
    clearInterval(subscribe);
    socket.close();
  }

  return {
    follow(swarmId, signal) {
      const place = (): Place => ({ seq: 0, epoch: undefined, over: false, signal });
      sse.push(streams(swarmId, place()));
      sockets.set(swarmId, place());
    },
    async done() {
      closing = true;
      await Promise.all([...sse, socketReader]);
    },
  };
}
