import { connectRedis } from '@claude-flow/core/redis/connect';
import type { ProcessLine } from '@claude-flow/local-stack/processes/managed-process';
import { startStack } from '@claude-flow/local-stack/stack';
import { startTestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, expect, test } from 'vitest';

const closers: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

const PASSWORD = 'PW-planted@behind-the-at';
const PLANTED = {
  objective: 'OBJECTIVE-PLANTED merge the two companies',
  name: 'TASKNAME-PLANTED',
  description: 'DESCRIPTION-PLANTED of case 12',
  webhook: 'WEBHOOKSECRET-PLANTED-0123456789',
};
const WORDS = [
  'OBJECTIVE-PLANTED',
  'TASKNAME-PLANTED',
  'DESCRIPTION-PLANTED',
  'WEBHOOKSECRET-PLANTED',
  'PW-planted',
  'behind-the-at',
];

/** Commands whose loss makes every loop, route and script fail, each in its turn. */
const TAKEN = [
  'fcall',
  'evalsha',
  'hget',
  'hmget',
  'hset',
  'zadd',
  'zrange',
  'xadd',
  'xrange',
  'publish',
  'info',
  'time',
  'set',
  'bzpopmin',
];

test('whatever Redis refuses while swarms run: no password, secret or text of a caller is in any process’s log', async () => {
  const redis = await startTestRedis({ ownServer: true });
  closers.push(() => redis.stop());
  const admin = await connectRedis({ url: redis.url, name: 'admin', mode: 'patient' });
  closers.push(() => admin.disconnect());
  const rights = (...words: string[]) => admin.call('ACL', ['SETUSER', 'flow', ...words]);
  await rights('on', `>${PASSWORD}`, '~*', '&*', '+@all');
  const lines: ProcessLine[] = [];
  const stack = await startStack({
    redisUrl: redis.url.replace('//', `//flow:${encodeURIComponent(PASSWORD)}@`),
    model: { kind: 'mock', latencyMs: 30 },
    // More is logged at debug, and none of it may be a secret either; but for names, which are not for info.
    env: { LOG_LEVEL: 'debug', WEBHOOK_ALLOW_PRIVATE: 'true' },
    onLine: (line) => lines.push(line),
  });
  closers.push(() => stack.stop());
  const [url = ''] = stack.apiUrls;
  const post = (path: string, body?: object) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body ?? {}),
    });
  const create = () =>
    post('/api/swarm/create', {
      objective: PLANTED.objective,
      autoStart: true,
      webhook: { url: 'http://127.0.0.1:9/hook', secret: PLANTED.webhook },
      tasks: [{ key: 'a', name: PLANTED.name, description: PLANTED.description, agentType: 'coder' }],
    });
  const planned = () => post('/api/swarm/create', { objective: PLANTED.objective, autoStart: true });
  const failures = () =>
    lines.filter(({ text }) => /NOPERM|ACL failure|no permissions|executing the script/.test(text)).length;
  let answered = 0;
  for (const command of TAKEN) {
    await create();
    await planned();
    const before = failures();
    await rights(`-${command}`);
    const { status } = await create();
    answered += status >= 500 ? 1 : 0;
    await fetch(`${url}/api/swarms`);
    await waitFor(() => failures() > before, {
      deadlineMs: 20_000,
      what: `a process to tell that ${command} is refused`,
    });
    await rights('+@all');
  }
  expect(answered).toBeGreaterThan(0);
  const all = lines.map(({ text }) => text).join('\n');
  for (const word of WORDS) expect(all.match(new RegExp(`.*${word}.*`))?.[0]).toBeUndefined();
}, 300_000);
