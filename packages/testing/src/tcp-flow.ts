import type { Socket } from 'node:net';

/** What one direction of a proxied connection does with its data. */
export type FlowMode = 'pass' | 'blackhole' | { delayMs: number };

/** Looks at each piece before it goes on: what may `pass` now, and what to `hold` back until the mode is set again. */
export type Tap = (piece: Buffer) => { pass: Buffer | undefined; hold: Buffer | undefined };

export interface Flow {
  mode(mode: FlowMode): void;
  stop(): void;
}

interface Parcel {
  /** Undefined: the end of the stream. */
  data: Buffer | undefined;
  /** Of `performance.now()`. */
  dueAt: number;
}

/** Carries what `source` sends to `target`, in order, as the mode says. */
export function createFlow(source: Socket, target: Socket, firstMode: FlowMode, tap?: Tap): Flow {
  let mode = firstMode;
  let timer: NodeJS.Timeout | undefined;
  const waiting: Parcel[] = [];
  /** What the tap held back, in order. */
  const held: Buffer[] = [];

  const deliver = ({ data }: Parcel) => {
    if (data === undefined) target.end();
    else if (!target.write(data)) {
      source.pause();
      target.once('drain', () => mode !== 'blackhole' && source.resume());
    }
  };
  const work = () => {
    clearTimeout(timer);
    if (mode === 'blackhole') return;
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const inMs = next.dueAt - performance.now();
      if (inMs > 0) {
        timer = setTimeout(work, inMs);
        return;
      }
      waiting.shift();
      deliver(next);
    }
  };
  const take = (data: Buffer | undefined) => {
    waiting.push({ data, dueAt: performance.now() + (typeof mode === 'object' ? mode.delayMs : 0) });
    work();
  };
  const takeTapped = (data: Buffer) => {
    const seen = tap?.(data) ?? { pass: data, hold: undefined };
    if (seen.pass !== undefined && seen.pass.length > 0) take(seen.pass);
    if (seen.hold !== undefined && seen.hold.length > 0) held.push(seen.hold);
  };

  source.on('data', takeTapped);
  source.on('end', () => take(undefined));
  if (mode === 'blackhole') source.pause();
  return {
    mode(next) {
      mode = next;
      // A paused socket does not even see that the other side has gone: as with a cut cable.
      if (mode === 'blackhole') source.pause();
      else source.resume();
      if (typeof mode !== 'object') for (const parcel of waiting) parcel.dueAt = 0;
      for (const piece of held.splice(0)) take(piece);
      work();
    },
    stop() {
      clearTimeout(timer);
      waiting.length = 0;
      held.length = 0;
      source.removeListener('data', takeTapped);
    },
  };
}
