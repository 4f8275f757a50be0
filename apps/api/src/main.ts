import { tellEnvironment } from '@claude-flow/core/runtime/environment-notes';
import { createLogger } from '@claude-flow/core/runtime/logger';
import { startsWithoutArguments } from '@claude-flow/core/runtime/no-arguments';
import { readyLine, runMain } from '@claude-flow/core/runtime/run-main';
import { createShutdown } from '@claude-flow/core/runtime/shutdown';
import { SHUTDOWN_DEADLINE_MS } from '@claude-flow/core/runtime/tunables';
import { loadApiConfig } from './config/config.ts';
import { startApi } from './start-api.ts';

const SERVICE = 'api';

const USAGE = {
  command: 'start:api',
  does: 'Serves the HTTP API, WebSockets and event streams.',
  variables: [
    'REDIS_URL          the one Redis (redis://127.0.0.1:6379)',
    'PORT, HOST         where it serves (3000; without keys only on 127.0.0.1)',
    'AUTH_ENABLED       true: callers need a key or a token',
    'API_KEYS           keys, separated by commas; key:create makes others',
  ],
};

runMain(SERVICE, async () => {
  if (!startsWithoutArguments(USAGE)) return;
  const config = loadApiConfig(process.env);
  const log = createLogger({ service: SERVICE, level: config.logLevel });
  const deadlineMs = config.shutdownDelayMs + SHUTDOWN_DEADLINE_MS;
  const shutdown = createShutdown(log, { deadlineMs });
  tellEnvironment(process.env, log);
  const api = await startApi(config, log);
  shutdown.add('readiness', () => api.drain());
  shutdown.add('connections', () => api.close());
  const { reloadCertificate } = api;
  if (reloadCertificate !== undefined) process.on('SIGHUP', () => reloadCertificate());
  const ports = { http: api.port, ...(api.healthPort === undefined ? {} : { health: api.healthPort }) };
  log.info(
    {
      ...readyLine(ports),
      urls: { api: api.url, docs: `${api.url}/docs`, queues: `${api.url}/admin/queues` },
    },
    `The API serves at ${api.url} (documentation: ${api.url}/docs, queues: ${api.url}/admin/queues)`,
  );
});
