import { WebSocket } from 'ws';
import { percentile } from '../engine/measure.ts';
import { cpuSeconds } from '../process-cpu.ts';
import { openFleet, type RawFleet } from './raw-fleet.ts';
import type { Side } from './sides.ts';

/** Events on their way at once: the system is kept busy, and nobody's buffer fills. */
const WINDOW = 64;

export async function joinFleet(side: Side, size: number): Promise<RawFleet> {
  const { text, frames } = await side.greeting();
  const fleet = await openFleet(side.url, size, text);
  await fleet.reached(size * frames);
  return fleet;
}

export interface FanOut {
  deliveriesPerSecond: number;
  microsPerDelivery: number;
  bytesPerFrame: number;
}

/** Events as fast as all clients get them. */
export async function fanOut(side: Side, fleet: RawFleet, events: number, window = WINDOW): Promise<FanOut> {
  const framesBefore = fleet.frames;
  const bytesBefore = fleet.bytes;
  const cpuBefore = await cpuSeconds(side.pid);
  const started = performance.now();
  for (let sent = 1; sent <= events; sent += 1) {
    void side.fire();
    if (sent > window) await fleet.reached(framesBefore + (sent - window) * fleet.size);
  }
  await fleet.reached(framesBefore + events * fleet.size);
  const seconds = (performance.now() - started) / 1000;
  const deliveries = events * fleet.size;
  return {
    deliveriesPerSecond: deliveries / seconds,
    microsPerDelivery: (1e6 * ((await cpuSeconds(side.pid)) - cpuBefore)) / deliveries,
    bytesPerFrame: (fleet.bytes - bytesBefore) / deliveries,
  };
}

/** One client of the real library, that can be asked for the next frame. */
export interface Listener {
  /** Text of the newest frame. */
  readonly newest: string;
  /** How many it has got. */
  readonly frames: number;
  reached(frames: number): Promise<void>;
  close(): void;
}

export async function listen(side: Side): Promise<Listener> {
  const { text, frames: before } = await side.greeting();
  const socket = new WebSocket(`${side.url.replace('http', 'ws')}/ws`);
  let frames = 0;
  let newest = '';
  let waiting: { frames: number; resolve: () => void } | undefined;
  socket.on('message', (data) => {
    newest = String(data);
    frames += 1;
    if (waiting !== undefined && frames >= waiting.frames) waiting.resolve();
  });
  await new Promise((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
  });
  if (text !== undefined) socket.send(text);
  const listener: Listener = {
    get newest() {
      return newest;
    },
    get frames() {
      return frames;
    },
    reached(wanted) {
      if (frames >= wanted) return Promise.resolve();
      return new Promise((resolve) => {
        waiting = { frames: wanted, resolve };
      });
    },
    close: () => socket.terminate(),
  };
  await listener.reached(before);
  return listener;
}

export interface Latency {
  p50: number;
  p99: number;
}

/** From the wish for an event to its frame at the client, milliseconds; `everyMs` apart. */
export async function latency(
  side: Side,
  listener: Listener,
  events: number,
  everyMs: number,
): Promise<Latency> {
  const tookMs: number[] = [];
  for (let i = 0; i < events; i += 1) {
    const started = performance.now();
    const frames = listener.frames;
    void side.fire();
    await listener.reached(frames + 1);
    const took = performance.now() - started;
    tookMs.push(took);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, everyMs - took)));
  }
  return { p50: percentile(tookMs, 0.5), p99: percentile(tookMs, 0.99) };
}
