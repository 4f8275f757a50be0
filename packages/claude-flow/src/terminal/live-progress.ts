import type { SwarmEvent } from '../client/types-events.ts';
import { cut } from './columns.ts';
import { createInPlace } from './in-place.ts';
import { palette } from './palette.ts';
import { plainLine } from './plain-line.ts';
import { emptyProgress, type SwarmProgress } from './progress-state.ts';
import { reduceProgress } from './reduce-progress.ts';
import { renderFrame } from './render-frame.ts';
import { safeLine } from './safe-text.ts';
import { surfaceOf } from './surface.ts';

/** Ten pictures a second: motion without flicker, and little to send over a slow line. */
const FRAME_MS = 100;

export interface LiveProgress {
  /** Takes the swarm's next event; with the first one, the picture appears. */
  event(event: SwarmEvent): void;
  /** Shows what a process warns of, until the swarm goes on. */
  warn(text: string): void;
  readonly state: SwarmProgress;
  /** Shows the last picture in full and gives the terminal back. May be called more than once. */
  end(): void;
}

/**
 * Shows a swarm at work: redrawn in place on a terminal, a line an event elsewhere. Between the first event and `end`
 * nothing else may write to the terminal.
 */
export function createLiveProgress(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): LiveProgress {
  const { live } = surfaceOf(stream, env);
  const screen = createInPlace((text) => stream.write(text));
  let state = emptyProgress;
  let warning = '';
  /** What the server's clock is ahead of ours, by the event that was the least time on its way. */
  let ahead = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  const draw = (room?: number) => {
    const { columns, rows, colours } = surfaceOf(stream, env);
    // The cursor rests on a line of its own below the picture.
    const height = (room ?? rows - 1) - (warning === '' ? 0 : 1);
    const frame = renderFrame(state, { columns, rows: height, colours, now: Date.now() + ahead });
    screen.draw(warning === '' ? frame : [...frame, palette(colours).warn(cut(warning, columns))], columns);
  };

  const end = () => {
    if (ended) return;
    ended = true;
    process.off('exit', end);
    if (timer === undefined) return;
    clearInterval(timer);
    draw(Number.POSITIVE_INFINITY);
    screen.done();
  };
  // However the process ends, the cursor comes back.
  process.on('exit', end);

  return {
    event(event) {
      if (ended) return;
      ahead = Math.max(ahead, event.at - Date.now());
      warning = '';
      const before = state;
      state = reduceProgress(before, event);
      if (live) {
        timer ??= setInterval(() => draw(), FRAME_MS);
        return;
      }
      const line = plainLine(before, state, event);
      if (line !== undefined) stream.write(`${line}\n`);
    },
    warn(text) {
      const line = safeLine(text);
      if (ended || line === warning) return;
      warning = line;
      if (!live) stream.write(`         warning   ${line}\n`);
    },
    get state() {
      return state;
    },
    end,
  };
}
