import { watchLaunchers } from './launchers.ts';

/** Shells and package runners pass a Ctrl-C on to a process that the terminal has already told. */
const SAME_KEY_PRESS_MS = 400;

const EXIT_CODE = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
type Ending = keyof typeof EXIT_CODE;

export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly exitCode: number;

  constructor(by: Ending) {
    super(`interrupted by ${by}`);
    this.exitCode = EXIT_CODE[by];
  }
}

export interface Interrupts {
  /** Aborted by the first Ctrl-C (SIGINT), SIGTERM or SIGHUP, or the end of the `npx` above, with an `Interrupted`. */
  signal: AbortSignal;
  /** Resolves then. */
  interrupted: Promise<Interrupted>;
}

/** The first signal asks for an orderly end; the second one ends the process at once. */
export function listenForInterrupts(exit: (code: number) => void, now: () => number = Date.now): Interrupts {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<Interrupted>();
  let first = 0;
  const begin = (reason: Interrupted) => {
    if (controller.signal.aborted) return;
    first = now();
    controller.abort(reason);
    resolve(reason);
  };
  for (const name of Object.keys(EXIT_CODE) as Ending[]) {
    process.on(name, () => {
      if (!controller.signal.aborted) begin(new Interrupted(name));
      else if (now() - first > SAME_KEY_PRESS_MS) exit(EXIT_CODE[name]);
    });
  }
  watchLaunchers(() => begin(new Interrupted('SIGTERM')));
  return { signal: controller.signal, interrupted: promise };
}
