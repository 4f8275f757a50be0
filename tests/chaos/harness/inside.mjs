// Loaded before a process's own files (node --import): faults that only come from inside. See inside.ts.
import { readFileSync } from 'node:fs';

const skewMs = Number(process.env.CHAOS_SKEW_MS ?? 0);
if (skewMs !== 0) {
  const Sound = globalThis.Date;
  const now = () => Sound.now() + skewMs;
  globalThis.Date = new Proxy(Sound, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new Sound(now()).toString(),
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  });
}

function standStill(ms) {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(cell, 0, 0, ms);
}

/** Until V8 gives up: nothing of this process has a say in it. */
function fillHeap() {
  const kept = [];
  for (;;) kept.push(new Array(10_000).fill(kept.length));
}

const file = process.env.CHAOS_FAULT_FILE;
if (file !== undefined) {
  process.on('SIGUSR2', () => {
    const { block } = JSON.parse(readFileSync(file, 'utf8'));
    if (block === undefined) fillHeap();
    else standStill(block);
  });
}
