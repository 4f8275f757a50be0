import { writeFile } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { startTestRedis } from '@claude-flow/testing/redis';
import { createTempFolder } from '@claude-flow/testing/temp-folder';
import { generate } from 'selfsigned';
import { expect, test } from 'vitest';
import { connectRedis } from './connect.ts';

async function certificate(folder: string, name: string) {
  const altNames = [{ type: 7 as const, ip: '127.0.0.1' }];
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames }],
  });
  const files = { certFile: join(folder, `${name}.crt`), keyFile: join(folder, `${name}.key`) };
  await writeFile(files.certFile, made.cert);
  await writeFile(files.keyFile, made.private);
  return { ...files, cert: made.cert, key: made.private };
}

test('rediss takes a private CA and shows a certificate of its own; without them a sentence names the variables', async () => {
  await using folder = await createTempFolder();
  const redis = await startTestRedis({ ownServer: true });
  const server = await certificate(folder.path, 'server');
  const client = await certificate(folder.path, 'client');
  // What a Redis with tls-auth-clients does, in front of one without TLS.
  const front = createServer(
    { cert: server.cert, key: server.key, ca: [client.cert], requestCert: true, rejectUnauthorized: true },
    (socket) => {
      const onward = connect(Number(new URL(redis.url).port), '127.0.0.1');
      onward.pipe(socket).pipe(onward);
      for (const each of [onward, socket]) each.on('error', () => each.destroy());
    },
  );
  front.on('tlsClientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const options = {
    url: `rediss://127.0.0.1:${(front.address() as AddressInfo).port}`,
    name: 'tls-test',
    mode: 'prompt',
  } as const;
  const { certFile, keyFile } = client;
  const connected = await connectRedis({ ...options, tls: { caFile: server.certFile, certFile, keyFile } });
  expect(await connected.ping()).toBe('PONG');
  connected.disconnect();
  await expect(connectRedis(options)).rejects.toThrow(/REDIS_TLS_CA_FILE/);
  await expect(connectRedis({ ...options, tls: { caFile: server.certFile } })).rejects.toThrow(
    /Redis .*127\.0\.0\.1/,
  );
  front.close();
  await redis.stop();
});
