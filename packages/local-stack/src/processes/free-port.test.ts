import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort, isPortFree } from './free-port.ts';

test('a free port can be listened on, and is then no longer free', async () => {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  expect((server.address() as AddressInfo).port).toBe(port);
  expect(await isPortFree(port)).toBe(false);
  await new Promise((resolve) => server.close(resolve));
  expect(await isPortFree(port)).toBe(true);
});

test('it lies below the ports that systems give to outgoing connections', async () => {
  for (let count = 0; count < 20; count += 1) expect(await freePort()).toBeLessThan(32_768);
});
