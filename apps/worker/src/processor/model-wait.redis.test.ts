import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { noteModelWait } from '@claude-flow/core/store/model-waits';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Fixture, openFixture } from '../../test/fixture.ts';

let fixture: Fixture;
const closers: (() => void)[] = [];
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(async () => {
  await fixture.close();
  for (const close of closers.splice(0)) close();
});

it('a task whose provider asks for patience says until when it waits, and why', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '120' });
    response.end('{"type":"error","error":{"type":"rate_limit_error","message":"Slow down."}}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  await fixture.worker(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const swarmId = await fixture.swarm([{}]);
  const { data, at } = await fixture.seen(swarmId, 'task.progress', 'task_001');
  expect(data['reason']).toContain('Slow down.');
  // Longer than asked for by a little, so that a fleet does not come back as one.
  expect(Number(data['waitingUntil']) - at).toBeGreaterThanOrEqual(120_000);
  expect(Number(data['waitingUntil']) - at).toBeLessThanOrEqual(132_000);
  const { state } = await fixture.task(swarmId);
  expect(state).toMatchObject({ status: 'running', attempt: 1 });
  expect(state.modelWait).toMatchObject({ attempt: 1, number: 1, until: data['waitingUntil'] });

  const claim = { swarmId, taskId: state.id, attempt: 1, token: state.token ?? '' };
  const again = { number: 1, waitMs: 5, reason: 'Sent twice.' };
  expect(await noteModelWait(fixture.ledger, claim, again)).toBe(data['waitingUntil']);
  const stranger = noteModelWait(fixture.ledger, { ...claim, token: 'another' }, again);
  await expect(stranger).rejects.toMatchObject({ code: 'fenced' });
  expect((await fixture.lines(swarmId)).filter((line) => line.startsWith('task.progress'))).toHaveLength(1);
  await waitFor(async () => (await fixture.task(swarmId)).state.status === 'running', {
    deadlineMs: 1_000,
    what: 'the task to be at work still',
  });
});
