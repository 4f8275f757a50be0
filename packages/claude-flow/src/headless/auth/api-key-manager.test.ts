import { jwtVerify, SignJWT } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { ApiKeyManager } from './api-key-manager.ts';

const SECRET = 'a-secret-that-is-long-enough-for-hs256';
const key = new TextEncoder().encode(SECRET);

describe('keys', () => {
  it('are made, counted, narrowed by permissions and revoked', async () => {
    const manager = new ApiKeyManager();
    const { apiKey, keyData } = manager.generateApiKey('ann', ['swarms:read']);
    expect(apiKey).toMatch(/^cf_[0-9a-f]{64}$/);
    expect(keyData).toMatchObject({
      userId: 'ann',
      permissions: ['swarms:read'],
      lastUsed: null,
      usageCount: 0,
    });
    expect(await manager.validateApiKey(apiKey, 'swarms:read')).toMatchObject({
      valid: true,
      keyData: { usageCount: 1, lastUsed: expect.any(Number) },
    });
    expect(await manager.validateApiKey(apiKey, 'swarms:write')).toEqual({
      valid: false,
      error: 'Insufficient permissions',
    });
    const listed = manager.getUserApiKeys('ann');
    expect(listed).toMatchObject([{ id: keyData.id, usageCount: 1 }]);
    expect(JSON.stringify([listed, keyData])).not.toContain(apiKey);
    expect(manager.getUserApiKeys('bob')).toEqual([]);
    expect(manager.revokeApiKey(apiKey)).toBe(true);
    expect(manager.revokeApiKey(apiKey)).toBe(false);
    expect(await manager.validateApiKey(apiKey)).toEqual({ valid: false, error: 'Invalid API key' });
  });

  it('are limited per user and window', async () => {
    vi.useFakeTimers();
    try {
      const manager = new ApiKeyManager({ rateLimit: { windowMs: 1_000, max: 2 } });
      const [one, two] = [manager.generateApiKey('ann'), manager.generateApiKey('ann')];
      const bob = manager.generateApiKey('bob');
      expect((await manager.validateApiKey(one.apiKey)).valid).toBe(true);
      expect((await manager.validateApiKey(two.apiKey)).valid).toBe(true);
      expect(await manager.validateApiKey(one.apiKey)).toEqual({
        valid: false,
        error: 'Rate limit exceeded',
      });
      expect((await manager.validateApiKey(bob.apiKey)).valid).toBe(true);
      vi.advanceTimersByTime(1_001);
      expect((await manager.validateApiKey(one.apiKey)).valid).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('tokens', () => {
  const manager = new ApiKeyManager({ jwtSecret: SECRET });

  it('are what every other reader of HS256 takes', async () => {
    const token = manager.generateJWT({ userId: 7, permissions: ['swarms:read'] }, '1h');
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      requiredClaims: ['exp', 'sub'],
    });
    expect(payload).toMatchObject({ sub: '7', userId: 7, permissions: ['swarms:read'] });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3_600);
    expect(manager.validateJWT(token)).toEqual(payload);
  });

  it('are read from others with the same secret, and from nobody else', async () => {
    const sign = (secret: Uint8Array, alg = 'HS256') =>
      new SignJWT({ sub: 'x' }).setProtectedHeader({ alg, typ: 'JWT' }).setExpirationTime('1h').sign(secret);
    expect(manager.validateJWT(await sign(key))).toMatchObject({ sub: 'x' });
    expect(manager.validateJWT(await sign(new Uint8Array(32)))).toBeNull();
    expect(manager.validateJWT(await sign(new Uint8Array(64).fill(7), 'HS512'))).toBeNull();
    const [, body = ''] = (await sign(key)).split('.');
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    for (const bad of [
      `${none}.${body}.`,
      'nonsense',
      '',
      `${await sign(key)}x`,
      `${await sign(key)}.more`,
    ]) {
      expect([bad, manager.validateJWT(bad)]).toEqual([bad, null]);
    }
  });

  it('expire', () => {
    vi.useFakeTimers();
    try {
      const token = manager.generateJWT({ sub: 'x' }, 60);
      vi.advanceTimersByTime(59_000);
      expect(manager.validateJWT(token)).not.toBeNull();
      vi.advanceTimersByTime(1_000);
      expect(manager.validateJWT(token)).toBeNull();
    } finally {
      vi.useRealTimers();
    }
    expect(() => manager.generateJWT({ sub: 'x' }, 'soon')).toThrow('"soon" is no duration');
  });

  it('need a secret that cannot be guessed', () => {
    expect(() => new ApiKeyManager({ jwtSecret: 'short' })).toThrow('at least 32 bytes');
    expect(() => new ApiKeyManager().generateJWT({ sub: 'x' })).toThrow('set JWT_SECRET');
    expect(new ApiKeyManager().validateJWT(manager.generateJWT({ sub: 'x' }))).toBeNull();
  });
});
