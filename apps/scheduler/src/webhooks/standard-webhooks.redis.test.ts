import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { planToTasks } from '@claude-flow/core/domain/plan-to-tasks';
import { completeTask } from '@claude-flow/core/store/completions';
import { claimPlan, storePlan } from '@claude-flow/core/store/plans';
import { startSwarm, stopSwarm } from '@claude-flow/core/store/swarms';
import { claimTask, dispatchTasks } from '@claude-flow/core/store/tasks';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Bench, startBench } from '../test/bench.ts';
import { type Received, type Receiver, startReceiver } from '../test/receiver.ts';
import { signedHeaders } from './signature.ts';
import { startWebhookLoop } from './webhook-loop.ts';

type Receive = (secret: string, headers: Received['headers'], rawBody: string) => { eventType: string };

const here = fileURLToPath(new URL('.', import.meta.url));
const SOON = { deadlineMs: 20_000 };
const CODED = `whsec_${Buffer.from('a key of thirty-two bytes, coded').toString('base64')}`;
const RAW = 'a secret of sixteen characters or more';

let bench: Bench;
let one: Receiver;
let folder: string;
let receive: Receive;
const closers: (() => Promise<void>)[] = [];
beforeAll(async () => {
  bench = await startBench();
  // Beside this file, so that its import of the library is found as a receiver's own would be.
  folder = await mkdtemp(join(here, '.receiver-'));
  const page = await readFile(join(here, '../../../../docs/operations.md'), 'utf8');
  const [, snippet = ''] = /```js\n([^`]*from 'standardwebhooks'[^`]*)```/.exec(page) ?? [];
  await writeFile(join(folder, 'receiver.mjs'), snippet);
  ({ receive } = await import(pathToFileURL(join(folder, 'receiver.mjs')).href));
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true });
  await bench?.close();
});

/** @param answers the status of the n-th delivery; 200 after them */
async function listen(...answers: number[]): Promise<void> {
  one = await startReceiver((_request, response, nth) => response.writeHead(answers[nth - 1] ?? 200).end());
  closers.push(() => one.close());
  const loop = startWebhookLoop({
    ledger: bench.ledger,
    queues: bench.queues,
    metrics: bench.metrics,
    log: bench.log,
    consumerRedis: bench.connect('webhook'),
    subscriber: bench.connect('events'),
    allowPrivate: true,
    retry: { firstMs: 20, longestMs: 100, mostAttempts: 5, mostTimeMs: 60_000 },
    timeoutMs: 5_000,
    lookEveryMs: 50,
  });
  closers.push(() => loop.stop());
}
const delivered = (count: number) =>
  waitFor(() => one.received.length >= count && one.received, { ...SOON, what: `${count} deliveries` });
const webhook = (secret: string) => ({
  webhook: { url: one.url, events: ['swarm.completed', 'swarm.stopped'] as const, secret },
});
const stop = (id: string) => stopSwarm(bench.ledger, id, { reason: 'stopped', message: 'By the test.' });

test.each([CODED, RAW])(
  'the receiver of the documentation takes it, and nothing that was changed (%s)',
  async (secret) => {
    await listen(500);
    const id = await bench.createPlanned({ a: [] }, webhook(secret));
    await stop(id);
    const [first, second] = await delivered(2);
    if (first === undefined || second === undefined) throw new Error('two were to come');
    // The same message for every try, so that a receiver can tell.
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    for (const { headers, body } of [first, second]) {
      expect(receive(secret, headers, body).eventType).toBe('swarm.stopped');
      expect(() => receive(secret, headers, `${body} `)).toThrow();
      expect(() => receive(`${RAW}, another one`, headers, body)).toThrow();
      expect(() => receive(secret, { ...headers, 'webhook-id': 'another' }, body)).toThrow();
      const old = String(Number(headers['webhook-timestamp']) - 3_600);
      expect(() => receive(secret, { ...headers, 'webhook-timestamp': old }, body)).toThrow();
    }
  },
);

test('a message of an hour ago is not taken, however well it is signed', () => {
  const message = { id: 'swarm_1-1-1', body: '{}' };
  const at = (time: number) => signedHeaders(CODED, { ...message, at: time });
  expect(receive(CODED, at(Date.now()), message.body)).toEqual({});
  expect(() => receive(CODED, at(Date.now() - 3_600_000), message.body)).toThrow();
});

test('a secret of an earlier release that only looks like base64 signs as the text it is', () => {
  const headers = signedHeaders('whsec_not base64 at all', { id: 'a', body: '{}', at: Date.now() });
  expect(headers['webhook-signature']).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
});

test('a completed swarm says how it went: counts, usage, duration, and its closing report', async () => {
  await listen();
  const { ledger } = bench;
  const swarmId = await bench.createSwarm(webhook(CODED));
  await claimPlan(ledger, swarmId, 'bench');
  await storePlan(ledger, swarmId, 'bench', {
    source: 'template',
    degraded: false,
    summary: 'A plan of the bench',
    tasks: planToTasks(
      [
        {
          key: 'end',
          name: 'The end',
          description: 'Write the closing report',
          type: 'custom',
          agentType: 'synthesizer',
          priority: 'normal',
          dependsOn: [],
          expectedOutput: 'A report',
        },
      ],
      { timeoutMs: 60_000, maxRetries: 3 },
    ),
  });
  await startSwarm(ledger, swarmId);
  const { queued } = await dispatchTasks(ledger, swarmId, 100);
  for (const task of queued) {
    const claimed = await claimTask(ledger, { ...task, token: 'token', workerId: 'test' });
    if (!claimed.claimed) throw new Error(claimed.why);
    const result = { summary: '', decisions: [], openQuestions: [], artifacts: [], quality: null };
    await completeTask(ledger, claimed.claim, { ...result, output: 'All is well.' }, {});
  }
  const [message] = await delivered(1);
  expect(message?.json).toMatchObject({
    type: 'swarm_event',
    eventType: 'swarm.completed',
    swarmId,
    swarm: {
      status: 'completed',
      reason: null,
      tasks: { total: 1, completed: 1, failed: 0, cancelled: 0, skipped: 0 },
      usage: { inputTokens: 0, costUsd: 0 },
      durationMs: expect.any(Number),
      summary: 'All is well.',
    },
  });
});
