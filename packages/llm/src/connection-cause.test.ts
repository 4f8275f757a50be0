import { once } from 'node:events';
import { createServer as createTls } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { generate } from 'selfsigned';
import { afterEach, describe, expect, it } from 'vitest';
import { createModelClient } from './client.ts';
import { connectionCause } from './connection-cause.ts';
import { classifyModelError } from './model-errors.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** What a real call of this address comes to. */
async function sentenceOf(baseUrl: string): Promise<string> {
  const client = createModelClient({ baseUrl, timeoutMs: 10_000 });
  const call = client.messages.create({
    model: 'm',
    max_tokens: 1,
    messages: [{ role: 'user', content: 'x' }],
  });
  return call.then(
    () => 'it answered',
    (error: unknown) => classifyModelError(error).sentence,
  );
}

describe('a provider that cannot be reached', () => {
  it('whose name is not known', async () => {
    expect(await sentenceOf('http://nobody.invalid')).toMatch(
      /cannot be reached \(DNS: the name nobody\.invalid cannot be resolved, E(NOTFOUND|AI_AGAIN)\)/,
    );
  });

  it('where nobody listens', async () => {
    const server = createServer();
    const port = await listening(server);
    server.close();
    await once(server, 'close');
    expect(await sentenceOf(`http://127.0.0.1:${port}`)).toContain(
      `(connection refused by 127.0.0.1:${port}, ECONNREFUSED)`,
    );
  });

  it('whose certificate nobody vouches for', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
    const port = await listening(createTls({ key, cert }));
    expect(await sentenceOf(`https://127.0.0.1:${port}`)).toContain('TLS: its certificate is not accepted');
  });

  it('that speaks no TLS', async () => {
    const port = await listening(createServer((socket) => socket.end('HTTP/1.1 400 no\r\n\r\n')));
    expect(await sentenceOf(`https://127.0.0.1:${port}`)).toContain('TLS: no secure connection comes about');
  });
});

describe('connectionCause', () => {
  const error = (fields: object, cause?: unknown) =>
    Object.assign(new Error('fetch failed', { cause }), fields);

  it('takes the first of several addresses that were tried', () => {
    const tried = new AggregateError([
      error({ code: 'ETIMEDOUT', address: '10.0.0.1', port: 443 }),
      error({}),
    ]);
    expect(connectionCause(error({}, tried))).toBe('no answer to the attempt to connect, ETIMEDOUT');
  });

  it('repeats nothing of an error but codes and names', () => {
    const odd = error({ code: 'ECONNREFUSED', address: 'user:secret@host' });
    expect(connectionCause(odd)).toBe('connection refused, ECONNREFUSED');
    expect(connectionCause(error({ code: 'UND_ERR_SOCKET' }))).toBe('UND_ERR_SOCKET');
  });
});
