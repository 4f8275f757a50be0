import { writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { connect, type SecureVersion } from 'node:tls';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { createTempFolder, type TempFolder } from '@claude-flow/testing/temp-folder';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type CertificateFiles, writeCertificate } from './certificate-files.ts';
import { openRaw } from './raw-socket.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const DEADLINE_MS = 10_000;

let redis: TestRedis;
let folder: TempFolder;
let files: CertificateFiles;
let server: TestApi;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis?.stop());
beforeEach(async () => {
  folder = await createTempFolder();
  files = await writeCertificate(folder.path);
  server = await startTestApi(redis, {
    TLS_CERT_FILE: files.certFile,
    TLS_KEY_FILE: files.keyFile,
    HEADERS_TIMEOUT: '500',
  });
});
afterEach(async () => {
  await server?.api.close();
  await folder?.remove();
});

/** @returns status and headers, or the error's code */
const ask = (ca: string, versions: { minVersion?: SecureVersion; maxVersion?: SecureVersion } = {}) =>
  new Promise<{ status?: number; hsts?: string | undefined; protocol?: string | null; code?: string }>(
    (resolve) => {
      const asked = request(
        { host: '127.0.0.1', port: server.api.port, path: '/api/health', ca, agent: false, ...versions },
        (response) => {
          const protocol = (response.socket as import('node:tls').TLSSocket).getProtocol();
          const hsts = response.headers['strict-transport-security'];
          response.resume();
          response.on('end', () => resolve({ status: response.statusCode ?? 0, hsts, protocol }));
        },
      );
      asked.on('error', (error: NodeJS.ErrnoException) => resolve({ code: error.code ?? error.message }));
      asked.end();
    },
  );

test('serves over TLS 1.2 and 1.3, nothing older, and says so to browsers', async () => {
  expect(server.api.url).toMatch(/^https:/);
  expect(await ask(files.cert)).toEqual({
    status: 200,
    hsts: 'max-age=31536000',
    protocol: 'TLSv1.3',
  });
  expect(await ask(files.cert, { maxVersion: 'TLSv1.2' })).toMatchObject({
    status: 200,
    protocol: 'TLSv1.2',
  });
  const old = await new Promise<string>((resolve) => {
    const socket = connect({
      host: '127.0.0.1',
      port: server.api.port,
      ca: files.cert,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      // Without this the client itself would refuse to speak the old version.
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    socket.on('secureConnect', () => resolve('connected'));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
  expect(old).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
});

test('WebSockets come over TLS too', async () => {
  const socket = new WebSocket(`${server.api.url.replace('https', 'wss')}/ws`, { ca: files.cert });
  const first = await new Promise((resolve, reject) => {
    socket.on('message', (data) => resolve(JSON.parse(String(data)).type));
    socket.on('error', reject);
  });
  expect(first).toBe('connected');
  socket.terminate();
});

test('plain HTTP and a handshake that stands still end', async () => {
  const plain = await openRaw(server.api.port);
  plain.write('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(await plain.closed()).not.toContain('200 OK');
  const silent = await openRaw(server.api.port);
  await silent.closed();
  const late = await openRaw(server.api.port);
  // Stopping waits for nobody who says nothing.
  await server.api.close();
  await late.closed();
});

test('a renewed certificate is taken up without a restart; one that is broken is not', async () => {
  const before = files.cert;
  await files.renew();
  expect(server.api.reloadCertificate?.()).toBe(true);
  expect(await ask(files.cert)).toMatchObject({ status: 200, protocol: 'TLSv1.3' });
  expect((await ask(before)).status).toBeUndefined();
  expect((await ask(files.cert, { maxVersion: 'TLSv1.2' })).status).toBe(200);
  const good = files.cert;
  await writeFile(files.certFile, 'not a certificate');
  expect(server.api.reloadCertificate?.()).toBe(false);
  expect((await ask(good)).status).toBe(200);
});

test('renewed files are noticed by themselves', async () => {
  await files.renew();
  await waitFor(async () => (await ask(files.cert)).status === 200, {
    deadlineMs: 2 * DEADLINE_MS,
    what: 'the new certificate',
  });
});

test('without TLS, HSTS only when a trusted proxy has ended it', async () => {
  const hsts = async (env: Record<string, string>, headers: Record<string, string>) => {
    const plain = await startTestApi(redis, env);
    const answer = await plain.call('/api/health', { headers });
    await plain.api.close();
    return answer.headers.get('strict-transport-security');
  };
  const said = { 'x-forwarded-proto': 'https' };
  expect(await hsts({}, said)).toBeNull();
  expect(await hsts({ TRUSTED_PROXY_HOPS: '1' }, said)).toBe('max-age=31536000');
  expect(await hsts({ TRUSTED_PROXY_HOPS: '1' }, { 'x-forwarded-proto': 'http' })).toBeNull();
});
