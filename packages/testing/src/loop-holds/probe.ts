/**
 * Runs before a process's own code (`--import`) and measures the longest stretch of processor time that its main thread spends
 * between two turns of its event loop: while it lasts, that process answers nobody. Processor time, not time on the clock: a machine
 * that is busy with something else does not count.
 */

/** A turn is looked at as often as timers allow. */
const LOOK_EVERY_MS = 1;
/** The reference is the mean of so many: some systems count processor time in steps of 4 ms. */
const REFERENCE_ROUNDS = 20;

const threadMs = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

let last = threadMs();
let longest = 0;
const look = () => {
  const now = threadMs();
  longest = Math.max(longest, now - last);
  last = now;
};
setInterval(look, LOOK_EVERY_MS).unref();

function parseMs(json: string): number {
  const before = threadMs();
  for (let round = 0; round < REFERENCE_ROUNDS; round += 1) JSON.parse(json);
  return (threadMs() - before) / REFERENCE_ROUNDS;
}

process.on('message', (asked: { holds: 'take' } | { holds: 'reference'; json: string }) => {
  if (asked.holds === 'take') {
    look();
    process.send?.({ ms: longest });
  } else if (asked.holds === 'reference') {
    process.send?.({ ms: parseMs(asked.json) });
  } else return;
  // What the question itself took is nobody's hold.
  last = threadMs();
  longest = 0;
});
// The channel alone keeps no process alive.
process.channel?.unref();
