import { startHealthServer } from '@claude-flow/core/runtime/health-server';
import { createMetrics } from '@claude-flow/core/runtime/metrics';
import { startsWithoutArguments } from '@claude-flow/core/runtime/no-arguments';
import { readEnv } from './env.ts';
import type { MockAnthropic } from './server.ts';
import { startMockAnthropic } from './server.ts';

const log = (level: 'info' | 'error', fields: Record<string, unknown>): void => {
  process.stdout.write(
    `${JSON.stringify({ level, time: Date.now(), service: 'mock-anthropic', ...fields })}\n`,
  );
};

const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

const listenFault = (error: unknown, host: string, port: number): string => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken by another program: set MOCK_PORT to a free port, or to 0 for any.`;
  }
  if (code === 'EACCES') return `Port ${port} may not be used by this user: set MOCK_PORT to one above 1023.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `"${host}" is no address of this machine: set HOST to one, for example 127.0.0.1.`;
  }
  return `The simulated Anthropic API could not start on ${host}:${port}: ${String(error)}`;
};

let stopping = false;
const stopWith = (server: MockAnthropic): void => {
  const stop = async (reason: string): Promise<void> => {
    // Whoever asks twice does not want to wait.
    if (stopping) process.exit(130);
    stopping = true;
    log('info', { event: 'process.stopping', reason, msg: `Stopping (${reason})` });
    await server.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  // A parent that started us with an IPC channel is gone: nobody would ever stop us.
  if (process.connected) process.once('disconnect', () => void stop('parent gone'));
};

const USAGE = {
  command: 'start:mock-anthropic',
  does: 'Speaks the Messages API offline, for tests and first steps: no real model answers.',
  variables: [
    'MOCK_PORT        where it serves (8787, 0 for any free port)',
    'MOCK_LATENCY_MS  mean time until the first token (150)',
    'MOCK_SEED        servers with one seed give the same answers (1)',
  ],
};

const read = readEnv(process.env);
if (!startsWithoutArguments(USAGE)) {
  // Help was printed, or an argument refused.
} else if ('faults' in read)
  fail(`The environment is not usable:\n${read.faults.map((fault) => `- ${fault}`).join('\n')}`);
else {
  const { MOCK_PORT: port, HOST: host, MOCK_LATENCY_MS: latencyMs, MOCK_SEED: seed } = read.settings;
  const awkwardShare = read.settings.MOCK_AWKWARD_PERCENT / 100;
  const server = await startMockAnthropic({ port, host, latencyMs, seed, awkwardShare }).catch(
    (error: unknown) => fail(listenFault(error, host, port)),
  );
  stopWith(server);
  const healthPort = read.settings.HEALTH_PORT;
  const health =
    healthPort === undefined
      ? undefined
      : await startHealthServer({
          port: healthPort,
          host,
          registry: createMetrics('mock-anthropic').registry,
          readiness: async () =>
            stopping ? { ready: false, reason: 'The server is stopping.' } : { ready: true },
        }).catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)));
  log('info', {
    event: 'process.ready',
    ports: { http: server.port, ...(health === undefined ? {} : { health: health.port }) },
    msg: `Simulated Anthropic API listening on ${server.url} (simulation: no real model answers here)`,
  });
}
