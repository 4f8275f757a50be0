import { connectRedis } from '@claude-flow/core/redis/connect';
import { createKeys } from '@claude-flow/core/redis/keys';
import { accessRule } from '@claude-flow/core/redis/rights';
import { type Stack, startStack } from '@claude-flow/local-stack/stack';
import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, expect, test } from 'vitest';
import { clientOf, completed } from './support/swarm.ts';

const closers: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

test('everything works as a Redis user with exactly the rights of docs/operations.md, and asks for no other', async () => {
  const redis = await startTestRedis({ ownServer: true });
  closers.push(() => redis.stop());
  const admin = await connectRedis({ url: redis.url, name: 'admin', mode: 'patient' });
  closers.push(() => admin.disconnect());
  const rule = accessRule(createKeys('cf')).split(' ');
  await admin.call('ACL', 'SETUSER', 'flow', 'on', '>pw', ...rule);
  const stack: Stack = await startStack({
    redisUrl: redis.url.replace('//', '//flow:pw@'),
    model: { kind: 'mock', latencyMs: 5 },
    env: { CLAUDE_FLOW_MAX_AGENTS: '3', RATE_LIMIT_MAX: '1000', WEBHOOK_ALLOW_PRIVATE: 'true' },
  });
  closers.push(() => stack.stop());
  const client = clientOf(stack.apiUrls[0]);
  const { swarmId } = await client.createSwarm('Build a REST API for user management', {
    strategy: 'development',
    autoStart: true,
    webhook: { url: stack.apiUrls[0] ?? '' },
  });
  const other = await client.createSwarm('Build a REST API for book lending', { autoStart: true });
  await client.pauseSwarm(other.swarmId).catch(() => undefined);
  await completed(client, swarmId);
  await client.getResults(swarmId);
  await client.listSwarms();
  await client.stopSwarm(other.swarmId).catch(() => undefined);
  await client.deleteSwarm(other.swarmId);
  await fetch(`${stack.apiUrls[0]}/admin/queues/api/queues`);
  const denied = (await admin.call('ACL', 'LOG')) as unknown[][];
  const missed = denied.map((entry) => {
    const fields = Object.fromEntries(
      entry.flatMap((value, index) => (index % 2 === 0 ? [[String(value), entry[index + 1]]] : [])),
    );
    return `${fields['reason']} ${fields['object']}`;
  });
  expect(missed).toEqual([]);
});
