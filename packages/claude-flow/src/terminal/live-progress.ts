import type { SwarmEvent } from '../client/types.ts';
import { createInPlace } from './in-place.ts';
import { plainLine } from './plain-line.ts';
import { emptyProgress, type SwarmProgress } from './progress-state.ts';
import { reduceProgress } from './reduce-progress.ts';
import { renderFrame } from './render-frame.ts';
import { surfaceOf } from './surface.ts';

/** Ten pictures a second: motion without flicker, and little to send over a slow line. */
const FRAME_MS = 100;

export interface LiveProgress {
  /** Takes the swarm's next event. */
  event(event: SwarmEvent): void;
  readonly state: SwarmProgress;
  /** Shows the last picture in full and gives the terminal back. May be called more than once. */
  end(): void;
}

/**
 * Shows a swarm at work: redrawn in place on a terminal, a line an event elsewhere. Whoever calls it writes nothing to
 * the stream until `end`.
 */
export function createLiveProgress(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): LiveProgress {
  const { live } = surfaceOf(stream, env);
  const screen = createInPlace((text) => stream.write(text));
  let state = emptyProgress;
  /** What the server's clock is ahead of ours, by the event that was the least time on its way. */
  let ahead = Number.NEGATIVE_INFINITY;
  let ended = false;

  const draw = (rows?: number) => {
    const surface = surfaceOf(stream, env);
    // The cursor rests on a line of its own below the picture.
    const room = rows ?? surface.rows - 1;
    const { columns, colours } = surface;
    screen.draw(renderFrame(state, { columns, rows: room, colours, now: Date.now() + (Number.isFinite(ahead) ? ahead : 0) }), columns);
  };
  const timer = live ? setInterval(() => draw(), FRAME_MS) : undefined;

  const end = () => {
    if (ended) return;
    ended = true;
    process.off('exit', end);
    if (!live) return;
    clearInterval(timer);
    draw(Number.POSITIVE_INFINITY);
    screen.done();
  };
  // However the process ends, the cursor comes back.
  process.on('exit', end);

  return {
    event(event) {
      ahead = Math.max(ahead, event.at - Date.now());
      const before = state;
      state = reduceProgress(before, event);
      if (live || ended) return;
      const line = plainLine(before, state, event);
      if (line !== undefined) stream.write(`${line}\n`);
    },
    get state() {
      return state;
    },
    end,
  };
}
