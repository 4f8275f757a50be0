import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { readToken, signToken } from './token.ts';

/** An API key without the key itself. Times are milliseconds since 1970. */
export interface ApiKeyData {
  id: string;
  userId: string;
  permissions: readonly string[];
  createdAt: number;
  lastUsed: number | null;
  usageCount: number;
}

/** Answer of `validateApiKey`. */
export interface KeyCheck {
  valid: boolean;
  keyData?: ApiKeyData;
  error?: 'Invalid API key' | 'Rate limit exceeded' | 'Insufficient permissions';
}

/** Secret and limits of an ApiKeyManager. */
export interface ApiKeyManagerOptions {
  /** At least 32 bytes. Without it tokens can neither be made nor read. */
  jwtSecret?: string | undefined;
  /** Checked uses of one user's keys in one window. */
  rateLimit?: { windowMs: number; max: number };
}

const USUAL_PERMISSIONS: readonly string[] = ['swarms:read', 'swarms:write'];
const DEFAULT_LIMIT = { windowMs: 15 * 60_000, max: 100 };
const MIN_SECRET_BYTES = 32;

const hashOf = (apiKey: string) => createHash('sha256').update(apiKey).digest('hex');

/**
 * API keys and tokens of one process. Keys are stored as hashes and shown once. Those of `system.auth` are accepted by the system's
 * API until the process ends; for lasting keys use the API itself (`createKey` of the client). In the examples, `auth` is an
 * ApiKeyManager with a `jwtSecret`.
 * @example
 * const auth = new ApiKeyManager({ rateLimit: { windowMs: 60_000, max: 10 } });
 * const { apiKey } = auth.generateApiKey('anna');
 * console.log(await auth.validateApiKey(apiKey));
 */
export class ApiKeyManager {
  readonly #secret: string | undefined;
  readonly #limit: { windowMs: number; max: number };
  readonly #keys = new Map<string, ApiKeyData>();
  readonly #uses = new Map<string, number[]>();

  /**
   * @throws ClaudeFlowError `config_invalid` for a `jwtSecret` of less than 32 bytes
   * @example
   * const auth = new ApiKeyManager({ jwtSecret: 'a secret of thirty-two bytes or more' });
   */
  constructor(options: ApiKeyManagerOptions = {}) {
    const { jwtSecret, rateLimit } = options;
    this.#secret = jwtSecret === undefined || jwtSecret === '' ? undefined : jwtSecret;
    this.#limit = rateLimit ?? DEFAULT_LIMIT;
    if (this.#secret !== undefined && Buffer.byteLength(this.#secret) < MIN_SECRET_BYTES) {
      const message = `jwtSecret must be at least ${MIN_SECRET_BYTES} bytes long.`;
      throw new ClaudeFlowError('config_invalid', message);
    }
  }

  /**
   * Creates a key, `cf_` and 64 hexadecimal digits. It cannot be read again.
   * @param permissions default: read and write swarms; an empty list allows nothing
   * @example
   * const { apiKey, keyData } = auth.generateApiKey('anna', ['swarms:read']);
   */
  generateApiKey(
    userId: string,
    permissions: readonly string[] = USUAL_PERMISSIONS,
  ): { apiKey: string; keyData: ApiKeyData } {
    const apiKey = `cf_${randomBytes(32).toString('hex')}`;
    const keyData: ApiKeyData = {
      id: randomUUID(),
      userId,
      permissions: [...permissions],
      createdAt: Date.now(),
      lastUsed: null,
      usageCount: 0,
    };
    this.#keys.set(hashOf(apiKey), keyData);
    return { apiKey, keyData: { ...keyData } };
  }

  /**
   * Checks a key, a permission if given, and the rate limit, and counts the use. It never throws: `error` says what is wrong.
   * @example
   * const { valid, error } = await auth.validateApiKey('cf_unknown', 'swarms:read');
   */
  async validateApiKey(apiKey: string, requiredPermission: string | null = null): Promise<KeyCheck> {
    const keyData = this.#keys.get(hashOf(apiKey));
    if (keyData === undefined) return { valid: false, error: 'Invalid API key' };
    const now = Date.now();
    const recent = (this.#uses.get(keyData.userId) ?? []).filter((at) => at > now - this.#limit.windowMs);
    this.#uses.set(keyData.userId, recent);
    if (recent.length >= this.#limit.max) return { valid: false, error: 'Rate limit exceeded' };
    if (requiredPermission !== null && !keyData.permissions.includes(requiredPermission)) {
      return { valid: false, error: 'Insufficient permissions' };
    }
    recent.push(now);
    return { valid: true, keyData: this.#used(keyData, now) };
  }

  /**
   * Looks a key up without a rate limit, and counts the use. @returns undefined for an unknown key
   * @example
   * const { apiKey } = auth.generateApiKey('anna');
   * console.log(auth.identify(apiKey)?.userId);
   */
  identify(apiKey: string): ApiKeyData | undefined {
    const keyData = this.#keys.get(hashOf(apiKey));
    return keyData === undefined ? undefined : this.#used(keyData, Date.now());
  }

  /**
   * Tells whether the key with this id has not been revoked.
   * @example
   * const { keyData } = auth.generateApiKey('anna');
   * console.log(auth.stands(keyData.id));
   */
  stands(id: string): boolean {
    return [...this.#keys.values()].some((keyData) => keyData.id === id);
  }

  #used(keyData: ApiKeyData, now: number): ApiKeyData {
    keyData.lastUsed = now;
    keyData.usageCount += 1;
    return { ...keyData };
  }

  /**
   * @returns whether there was such a key
   * @example
   * const { apiKey } = auth.generateApiKey('anna');
   * auth.revokeApiKey(apiKey);
   */
  revokeApiKey(apiKey: string): boolean {
    return this.#keys.delete(hashOf(apiKey));
  }

  /**
   * Lists a user's keys, without the keys themselves.
   * @example
   * const keys = auth.getUserApiKeys('anna');
   */
  getUserApiKeys(userId: string): Omit<ApiKeyData, 'userId'>[] {
    return [...this.#keys.values()]
      .filter((keyData) => keyData.userId === userId)
      .map(({ id, permissions, createdAt, lastUsed, usageCount }) => ({
        id,
        permissions,
        createdAt,
        lastUsed,
        usageCount,
      }));
  }

  /**
   * Creates a token that every process with the same secret accepts. `sub` (or `userId`) is its owner; `permissions` may narrow what
   * it allows.
   * @param expiresIn seconds, or text like `1h`
   * @throws ClaudeFlowError `config_invalid` without a secret
   * @example
   * const token = auth.generateJWT({ sub: 'anna', permissions: ['swarms:read'] }, '15m');
   */
  generateJWT(payload: Record<string, unknown>, expiresIn: string | number = '1h'): string {
    if (this.#secret === undefined) {
      throw new ClaudeFlowError(
        'config_invalid',
        'Tokens need a secret: set JWT_SECRET (at least 32 bytes).',
      );
    }
    const subject = payload['sub'] ?? payload['userId'];
    const claims = subject === undefined ? payload : { ...payload, sub: String(subject) };
    return signToken(claims, this.#secret, expiresIn, Date.now());
  }

  /**
   * @returns the token's payload; null when it was signed with another secret, was changed, or has expired
   * @example
   * const payload = auth.validateJWT(auth.generateJWT({ sub: 'anna' }));
   * console.log(payload?.['sub']);
   */
  validateJWT(token: string): Record<string, unknown> | null {
    return this.#secret === undefined ? null : readToken(token, this.#secret, Date.now());
  }
}
