import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.ts';
import type { Slot } from './slot.ts';

/** Does something to one process and makes it good again. */
export type Fault = (slot: Slot, random: Random) => Promise<void>;

/** Does something with the way to Redis for a while. */
const cutFor =
  (
    action: string,
    low: number,
    high: number,
    begin: (slot: Slot) => void,
    end: (slot: Slot) => void,
  ): Fault =>
  async (slot, random) => {
    const ms = random.integer(low, high);
    const life = slot.kind === 'worker' ? { workerId: slot.workerId } : {};
    const { history } = slot;
    history.add({ kind: 'action', action, target: slot.name, ...life, detail: `${ms} ms` });
    begin(slot);
    await delay(ms);
    end(slot);
    history.add({ kind: 'action', action: 'pass', target: slot.name, ...life });
  };

/** What happens to single processes. */
export const PROCESS_FAULTS: readonly Fault[] = [
  async (slot, random) => {
    await slot.signal('SIGKILL');
    await delay(random.integer(0, 1_500));
    await slot.restart();
  },
  async (slot, random) => {
    await slot.signal('SIGTERM');
    await slot.process.exited;
    await delay(random.integer(0, 500));
    await slot.restart();
  },
  async (slot, random) => {
    await slot.signal('SIGSTOP');
    // Sometimes past the lease: then it wakes up as one that has been replaced.
    await delay(random.pick([500, 2_000, 6_000, 12_000]));
    await slot.signal('SIGCONT');
  },
  async (slot, random) => {
    const ms = random.pick([500, 3_000, 7_000, 12_000]);
    await slot.block(ms);
    await delay(ms);
  },
  async (slot, random) => {
    await slot.fillHeap();
    await delay(random.integer(0, 500));
    await slot.restart();
  },
  cutFor(
    'blackhole',
    500,
    7_000,
    (slot) => slot.proxy.mode('blackhole'),
    (slot) => slot.proxy.mode('pass'),
  ),
  cutFor(
    'reset',
    0,
    500,
    (slot) => slot.proxy.mode('reset'),
    (slot) => slot.proxy.mode('pass'),
  ),
  cutFor(
    'delay',
    1_000,
    4_000,
    (slot) => slot.proxy.mode({ delayMs: 150 }),
    (slot) => slot.proxy.mode('pass'),
  ),
  cutFor(
    'replies-withheld',
    200,
    3_000,
    (slot) => slot.proxy.withholdReplies(true),
    (slot) => slot.proxy.withholdReplies(false),
  ),
];
