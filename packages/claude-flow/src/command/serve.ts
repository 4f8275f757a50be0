import { endOnStrayErrors, failureText } from '@claude-flow/core/runtime/run-main';
import { createEnvironmentConfig } from '../headless/config.ts';
import { HeadlessSystem } from '../headless/system.ts';

/** Starts the whole system as the environment asks for, and ends it in order on SIGTERM or SIGINT; a second one at once. */
export async function serve(): Promise<void> {
  endOnStrayErrors('claude-flow');
  const system = new HeadlessSystem(createEnvironmentConfig());
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(130);
      stopping = true;
      system.stop().then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      );
    });
  }
  try {
    await system.start();
    process.stderr.write(`claude-flow serves at ${system.url}\n`);
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): never {
  process.stderr.write(`claude-flow: ${failureText(error)}\n`);
  process.exit(1);
}
