import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { readLogs } from '@claude-flow/core/store/logs';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Fixture, openFixture } from '../../test/fixture.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

it('a provider that cannot be reached is told with its cause while the task runs', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  await fixture.worker(`http://127.0.0.1:${port}`);
  const swarmId = await fixture.swarm([{}]);
  const state = await waitFor(
    async () => {
      const { state } = await fixture.task(swarmId);
      return state.trouble === undefined ? undefined : state;
    },
    { deadlineMs: 20_000, what: 'the trouble of the task' },
  );
  const said = `(connection refused by 127.0.0.1:${port}, ECONNREFUSED)`;
  expect(state).toMatchObject({ status: 'running', trouble: expect.stringContaining(said) });
  const logs = await readLogs(fixture.ledger, swarmId, { limit: 10, level: 'warn' });
  expect(logs[0]?.message).toContain(said);
});
