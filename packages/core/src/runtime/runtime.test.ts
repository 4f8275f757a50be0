import { createServer } from 'node:http';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ClaudeFlowError } from '../domain/errors.ts';
import { commonEnv, envField, loadConfig, modelEnv, requireModelKey } from './config.ts';
import { startHealthServer } from './health-server.ts';
import { listen } from './listen.ts';
import { REDACT } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { createShutdown } from './shutdown.ts';

const quiet = pino({ level: 'silent' });

test('all faults of an environment are listed at once, each with its variable', () => {
  const schema = z.object({ ...commonEnv, PORT: envField.port('PORT').default(3000) });
  const load = () =>
    loadConfig(schema, { REDIS_URL: 'http://x', LOG_LEVEL: 'loud', PORT: '70000', REDIS_PREFIX: 'a b' });
  expect(load).toThrow(ClaudeFlowError);
  try {
    load();
  } catch (error) {
    const { message, details } = error as ClaudeFlowError;
    expect(details.map((detail) => detail.field).sort()).toEqual([
      'LOG_LEVEL',
      'PORT',
      'REDIS_PREFIX',
      'REDIS_URL',
    ]);
    for (const name of ['LOG_LEVEL', 'PORT', 'REDIS_PREFIX', 'REDIS_URL']) expect(message).toContain(name);
  }
});

test('empty variables count as unset, numbers and lists are read, not-a-number is refused', () => {
  const schema = z.object({ ...commonEnv, PORT: envField.port('PORT').default(3000), KEYS: envField.list() });
  const env = loadConfig(schema, { PORT: '', KEYS: ' a, ,b ', HEALTH_PORT: '0' });
  expect(env.PORT).toBe(3000);
  expect(env.KEYS).toEqual(['a', 'b']);
  expect(env.HEALTH_PORT).toBe(0);
  expect(() => loadConfig(schema, { PORT: 'NaN', KEYS: '' })).toThrow('PORT must be a whole number.');
});

test('a key is required for the real provider, not for a server of one’s own', () => {
  const schema = z.object(modelEnv).superRefine(requireModelKey);
  expect(() => loadConfig(schema, {})).toThrow('ANTHROPIC_API_KEY is required');
  expect(
    loadConfig(schema, { ANTHROPIC_BASE_URL: 'http://127.0.0.1:8787' }).ANTHROPIC_API_KEY,
  ).toBeUndefined();
});

test('secrets do not reach the log', () => {
  let written = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  const log = pino({ redact: REDACT }, sink);
  log.info({
    apiKey: 's3cret-1',
    request: { headers: { 'x-api-key': 's3cret-2', authorization: 's3cret-3' } },
    env: { JWT_SECRET: 's3cret-4', REDIS_URL: 's3cret-5' },
    password: 's3cret-6',
  });
  expect(written).not.toContain('s3cret');
  expect(written).toContain('[redacted]');
});

test('a taken port is a sentence with the port and the variable', async () => {
  const first = createServer();
  const port = await listen(first, 0, '127.0.0.1', 'PORT');
  await expect(listen(createServer(), port, '127.0.0.1', 'PORT')).rejects.toThrow(
    new RegExp(`Port ${port} .*EADDRINUSE.*set PORT to another port`),
  );
  first.close();
});

test('shutdown runs its phases once, in order, past a failing one, and says so in the exit code', async () => {
  const ran: string[] = [];
  const codes: number[] = [];
  const shutdown = createShutdown(quiet, { signals: false, exit: (code) => codes.push(code) });
  shutdown.add('one', () => void ran.push('one'));
  shutdown.add('two', async () => {
    ran.push('two');
    throw new Error('broken');
  });
  shutdown.add('three', () => void ran.push('three'));
  expect(shutdown.stopping).toBe(false);
  await Promise.all([shutdown.run('test'), shutdown.run('again')]);
  expect(ran).toEqual(['one', 'two', 'three']);
  expect(codes).toEqual([1]);
});

test('the health server tells life, readiness and metrics apart', async () => {
  let ready = false;
  const { registry, sweepVerdicts } = createMetrics('test');
  sweepVerdicts.inc({ verdict: 'lease-expired' });
  const server = await startHealthServer({
    port: 0,
    host: '127.0.0.1',
    registry,
    readiness: async () => (ready ? { ready } : { ready, reason: 'Redis is away.' }),
  });
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
    return { status: response.status, text: await response.text() };
  };
  expect((await get('/livez')).status).toBe(200);
  expect(await get('/readyz')).toEqual({ status: 503, text: '{"ready":false,"reason":"Redis is away."}' });
  ready = true;
  expect((await get('/readyz')).status).toBe(200);
  expect((await get('/metrics')).text).toMatch(
    /claude_flow_sweep_verdicts_total\{verdict="lease-expired",service="test"\} 1/,
  );
  expect((await get('/nothing')).status).toBe(404);
  await server.close();
});

test.each(['/livez', '/readyz', '/metrics'])(
  'the health server answers HTTP/1.0 without a Host: %s',
  async (path) => {
    const { registry } = createMetrics('test', { resources: false });
    const readiness = async () => ({ ready: true });
    const server = await startHealthServer({ port: 0, host: '127.0.0.1', registry, readiness });
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`GET ${path} HTTP/1.0\r\n\r\n`);
    let answer = '';
    for await (const piece of socket) answer += piece;
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
    await server.close();
  },
);
