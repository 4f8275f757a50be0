import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { OBJECTIVE } from './bodies.ts';
import {
  type JwksServer,
  newSigningKey,
  type SigningKey,
  signToken,
  startJwksServer,
} from './jwks-server.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const ISSUER = 'https://id.example';
const AUDIENCE = 'claude-flow';
const DEADLINE_MS = 10_000;

let redis: TestRedis;
let first: SigningKey;
let second: SigningKey;
let elliptic: SigningKey;
let provider: JwksServer;
let server: TestApi;
beforeAll(async () => {
  redis = await startTestRedis();
  first = await newSigningKey('first');
  second = await newSigningKey('second');
  elliptic = await newSigningKey('elliptic', 'ES256');
});
afterAll(() => redis?.stop());
beforeEach(async () => {
  provider = await startJwksServer([first, elliptic]);
  server = await startApiWith({});
});
afterEach(async () => {
  await server?.api.close();
  await provider?.stop();
});

const startApiWith = (env: Record<string, string>) =>
  startTestApi(redis, {
    HOST: '127.0.0.1',
    AUTH_ENABLED: 'true',
    RATE_LIMIT_FAILED_AUTH: '100000',
    JWT_JWKS_URL: provider.url,
    JWT_ISSUER: ISSUER,
    JWT_AUDIENCE: AUDIENCE,
    ...env,
  });

const good = { sub: 'alice', iss: ISSUER, aud: AUDIENCE };
const askWith = (token: string, path = '/api/swarms') =>
  server.call(path, { headers: { authorization: `Bearer ${token}` } });
const statusOf = async (token: string) => (await askWith(token)).status;

test('tokens of its keys come in, each subject an owner of its own; permissions narrow', async () => {
  const alice = await signToken(first, good);
  const sameByOtherKey = await signToken(elliptic, good);
  const bob = await signToken(first, { ...good, sub: 'bob' });
  const { json } = await server.post(
    '/api/swarm/create',
    { objective: OBJECTIVE },
    { headers: { authorization: `Bearer ${alice}` } },
  );
  expect((await askWith(sameByOtherKey, `/api/swarm/${json.swarmId}`)).status).toBe(200);
  expect((await askWith(bob, `/api/swarm/${json.swarmId}`)).status).toBe(404);
  expect(await statusOf(await signToken(first, { ...good, permissions: ['keys:manage'] }))).toBe(403);
  expect(provider.asked).toBe(1);
});

test('permissions of the provider’s own do not count, unless JWT_PERMISSIONS_CLAIM names the claim', async () => {
  const withRights = async (claims: object) => statusOf(await signToken(first, { ...good, ...claims }));
  for (const permissions of [[], ['read:users'], 'read:users', null, { swarms: 'read' }]) {
    expect(await withRights({ permissions })).toBe(200);
  }
  await server.api.close();
  server = await startApiWith({ JWT_PERMISSIONS_CLAIM: 'https://swarms.example/may' });
  const claim = (granted: unknown) => withRights({ 'https://swarms.example/may': granted });
  expect(await claim(['swarms:read', 'read:users'])).toBe(200);
  expect(await claim('openid swarms:read')).toBe(200);
  expect(await claim([])).toBe(403);
  expect(await claim('swarms:readers')).toBe(403);
  expect(await withRights({})).toBe(403);
  expect(await withRights({ permissions: ['swarms:read'] })).toBe(403);
});

test('keys behind a redirect are found; one that leads round in circles is a 503, and stays one', async () => {
  provider.redirect('/keys/moved', 'here');
  expect(await statusOf(await signToken(first, good))).toBe(200);
  await server.api.close();
  provider.redirect('/keys/moved', 'in circles');
  server = await startApiWith({});
  expect(await statusOf(await signToken(first, good))).toBe(503);
});

test('what is not good does not come in', async () => {
  const now = Math.floor(Date.now() / 1000);
  const stranger = await newSigningKey('first');
  const bytes = (text: string) => new TextEncoder().encode(text);
  const hmac = (secret: string, kid = 'first') =>
    new SignJWT({ ...good })
      .setProtectedHeader({ alg: 'HS256', kid })
      .setExpirationTime('5m')
      .sign(bytes(secret));
  const bad: Record<string, string> = {
    'signed with the public key as a secret': await hmac(first.spki),
    'signed with the public key as JSON': await hmac(JSON.stringify(first.publicJwk)),
    'of another key with the same name': await signToken(stranger, good),
    'without a signature': new UnsecuredJWT({ ...good }).setExpirationTime('5m').encode(),
    expired: await signToken(first, good, '-1m'),
    'without an end': await signToken(first, good, 'never'),
    'with an end that is text': await signToken(first, { ...good, exp: `${now + 300}` }, 'never'),
    'not yet good': await signToken(first, { ...good, nbf: now + 300 }),
    'of another issuer': await signToken(first, { ...good, iss: 'https://evil.example' }),
    'without an issuer': await signToken(first, { sub: 'alice', aud: AUDIENCE }),
    'for another audience': await signToken(first, { ...good, aud: 'other' }),
    'without a subject': await signToken(first, { iss: ISSUER, aud: AUDIENCE }),
    'with an empty subject': await signToken(first, { ...good, sub: '' }),
    'no token at all': 'a.b.c',
    'changed afterwards': (await signToken(first, good)).replace(/\.[^.]+\./, `.${btoa('{"sub":"bob"}')}.`),
  };
  for (const [what, token] of Object.entries(bad)) expect([what, await statusOf(token)]).toEqual([what, 401]);
  expect(await statusOf(await signToken(first, good))).toBe(200);
});

test('a token cannot bring its own key', async () => {
  const own = await newSigningKey('own');
  const thief = await startJwksServer([own]);
  const token = await new SignJWT({ ...good })
    .setProtectedHeader({ alg: 'RS256', kid: 'own', jku: thief.url, jwk: own.publicJwk })
    .setExpirationTime('5m')
    .sign(own.privateKey);
  expect(await statusOf(token)).toBe(401);
  expect(thief.asked).toBe(0);
  await thief.stop();
});

test('keys are rotated without a restart; made-up ones do not make the provider suffer', async () => {
  expect(await statusOf(await signToken(first, good))).toBe(200);
  provider.publish([second]);
  const fresh = await signToken(second, good);
  await waitFor(async () => (await statusOf(fresh)) === 200, {
    deadlineMs: DEADLINE_MS,
    what: 'the new key to be known',
  });
  expect(await statusOf(await signToken(first, good))).toBe(401);
  const before = provider.asked;
  const madeUp = await newSigningKey('made-up');
  for (let time = 0; time < 20; time += 1) expect(await statusOf(await signToken(madeUp, good))).toBe(401);
  expect(provider.asked - before).toBeLessThan(20);
});

test.each(['broken', 'silent'] as const)(
  'provider %s: 503 for unknown keys, known ones work on',
  async (how) => {
    const known = await signToken(first, good);
    const unknown = await signToken(second, good);
    provider.behave(how);
    const away = await askWith(known);
    expect([away.status, away.json.code, away.headers.get('retry-after')]).toEqual([
      503,
      'identity_unavailable',
      '1',
    ]);
    provider.behave('well');
    await waitFor(async () => (await statusOf(known)) === 200, {
      deadlineMs: DEADLINE_MS,
      what: 'the provider back',
    });
    provider.behave(how);
    const refused = await waitFor(
      async () => {
        const answer = await askWith(unknown);
        return answer.status === 503 ? answer : undefined;
      },
      { deadlineMs: DEADLINE_MS, what: 'an unknown key to be asked for' },
    );
    expect(refused.json.message).toMatch(/Try again/);
    expect(await statusOf(known)).toBe(200);
    expect(await statusOf('a.b.c')).toBe(401);
  },
);

test('provider gone altogether: the same', async () => {
  const known = await signToken(first, good);
  expect(await statusOf(known)).toBe(200);
  await provider.stop();
  const unknown = await signToken(second, good);
  await waitFor(async () => (await statusOf(unknown)) === 503, { deadlineMs: DEADLINE_MS, what: 'a 503' });
  expect(await statusOf(known)).toBe(200);
});
