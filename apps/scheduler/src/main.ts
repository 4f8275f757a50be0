import { tellEnvironment } from '@claude-flow/core/runtime/environment-notes';
import { createLogger } from '@claude-flow/core/runtime/logger';
import { startsWithoutArguments } from '@claude-flow/core/runtime/no-arguments';
import { readyLine, runMain } from '@claude-flow/core/runtime/run-main';
import { createShutdown } from '@claude-flow/core/runtime/shutdown';
import { loadSchedulerConfig } from './config.ts';
import { startScheduler } from './start-scheduler.ts';

const SERVICE = 'scheduler';

const USAGE = {
  command: 'start:scheduler',
  does: 'Plans swarms and watches over them.',
  variables: [
    'REDIS_URL           the one Redis (redis://127.0.0.1:6379)',
    'ANTHROPIC_API_KEY   for Claude',
    'ANTHROPIC_BASE_URL  another server that speaks the Messages API',
    'CLAUDE_FLOW_MODEL   the model to use',
  ],
};

runMain(SERVICE, async () => {
  if (!startsWithoutArguments(USAGE)) return;
  const config = loadSchedulerConfig(process.env);
  const log = createLogger({ service: SERVICE, level: config.logLevel });
  tellEnvironment(process.env, log);
  const shutdown = createShutdown(log);
  const scheduler = await startScheduler(config, log);
  shutdown.add('loops', () => scheduler.stop());
  log.info(
    readyLine(scheduler.healthPort === undefined ? {} : { health: scheduler.healthPort }),
    'The scheduler plans and watches over swarms',
  );
});
