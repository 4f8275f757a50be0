import { createLogger } from '@claude-flow/core/runtime/logger';
import { readyLine, runMain } from '@claude-flow/core/runtime/run-main';
import { createShutdown } from '@claude-flow/core/runtime/shutdown';
import { loadSchedulerConfig } from './config.ts';
import { startScheduler } from './start-scheduler.ts';

const SERVICE = 'scheduler';

runMain(SERVICE, async () => {
  const config = loadSchedulerConfig(process.env);
  const log = createLogger({ service: SERVICE, level: config.logLevel });
  const shutdown = createShutdown(log);
  const scheduler = await startScheduler(config, log);
  shutdown.add('loops', () => scheduler.stop());
  log.info(
    readyLine(scheduler.healthPort === undefined ? {} : { health: scheduler.healthPort }),
    'The scheduler plans and watches over swarms',
  );
});
