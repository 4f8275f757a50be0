/** Frames that a client may send in a second: a monitor that comes back subscribes to 50 swarms at once. */
export const MAX_FRAMES_PER_S = 200;
const WINDOW_MS = 1_000;

/** Counts the frames of one client. @returns whether the next one is still within the limit */
export function createFrameRate(now: () => number): () => boolean {
  let since = now();
  let count = 0;
  return () => {
    const at = now();
    if (at - since >= WINDOW_MS) {
      since = at;
      count = 0;
    }
    count += 1;
    return count <= MAX_FRAMES_PER_S;
  };
}
