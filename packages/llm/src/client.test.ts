import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createModelClient, type ModelClientOptions } from './client.ts';

let seen: IncomingHttpHeaders[] = [];
let tunnels: string[] = [];
let closers: (() => void)[] = [];
beforeEach(() => {
  seen = [];
  tunnels = [];
});
afterEach(() => {
  for (const close of closers) close();
  closers = [];
  vi.unstubAllEnvs();
});

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

const startModel = () =>
  listening(
    createServer((request, response) => {
      seen.push(request.headers);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"input_tokens":1}');
    }),
  );

/** Lets everybody through to the model, whatever name they ask for. */
function startProxy(modelPort: number): Promise<number> {
  const proxy = createServer();
  proxy.on('connect', (request, socket) => {
    tunnels.push(request.url ?? '');
    const onward = connect(modelPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const each of [onward, socket]) each.on('error', () => each.destroy());
  });
  return listening(proxy);
}

const ask = (options: Omit<ModelClientOptions, 'timeoutMs'>) =>
  createModelClient({ timeoutMs: 5_000, ...options }).messages.countTokens({ model: 'm', messages: [] });

test('a key goes in the header that is asked for, and nothing that only the environment knows', async () => {
  vi.stubEnv('ANTHROPIC_AUTH_TOKEN', 'token-of-the-shell');
  vi.stubEnv('ANTHROPIC_API_KEY', 'key-of-the-shell');
  const baseUrl = `http://127.0.0.1:${await startModel()}`;
  await ask({ baseUrl, apiKey: 'key-1', authHeader: 'x-api-key' });
  await ask({ baseUrl, apiKey: 'token-1' });
  await ask({ baseUrl });
  const sent = seen.map(({ authorization, 'x-api-key': key }) => ({ authorization, key }));
  expect(sent).toEqual([
    { authorization: undefined, key: 'key-1' },
    { authorization: 'Bearer token-1', key: undefined },
    { authorization: 'Bearer unused', key: undefined },
  ]);
});

test('the proxy is asked for the names it is for, and not for this machine', async () => {
  const port = await startModel();
  const proxyPort = await startProxy(port);
  const proxy = { httpProxy: `http://127.0.0.1:${proxyPort}`, noProxy: 'direct.test, .inside.test' };
  await ask({ baseUrl: 'http://model.test:4711', apiKey: 't', proxy });
  expect(tunnels).toEqual(['model.test:4711']);
  expect(seen[0]?.authorization).toBe('Bearer t');
  await ask({ baseUrl: `http://127.0.0.1:${port}`, proxy });
  expect(tunnels).toHaveLength(1);
  // Nobody answers for these names but a proxy.
  await expect(ask({ baseUrl: 'http://direct.test:1', proxy })).rejects.toThrow();
  await expect(ask({ baseUrl: 'http://x.inside.test:1', proxy })).rejects.toThrow();
  expect(tunnels).toHaveLength(1);
});
