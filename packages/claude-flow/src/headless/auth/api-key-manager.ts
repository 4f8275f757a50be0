import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { readToken, signToken } from './token.ts';

/** Times are milliseconds since 1970. */
export interface ApiKeyData {
  id: string;
  userId: string;
  permissions: readonly string[];
  createdAt: number;
  lastUsed: number | null;
  usageCount: number;
}

export interface KeyCheck {
  valid: boolean;
  keyData?: ApiKeyData;
  error?: 'Invalid API key' | 'Rate limit exceeded' | 'Insufficient permissions';
}

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
 * Keys and tokens of one process. Keys are kept as hashes and shown once; that of a HeadlessSystem (`system.auth`) makes keys
 * that its API accepts until the process ends. Keys that all processes accept, and that last, come from the API itself.
 */
export class ApiKeyManager {
  readonly #secret: string | undefined;
  readonly #limit: { windowMs: number; max: number };
  readonly #keys = new Map<string, ApiKeyData>();
  readonly #uses = new Map<string, number[]>();

  constructor(options: ApiKeyManagerOptions = {}) {
    const { jwtSecret, rateLimit } = options;
    this.#secret = jwtSecret === undefined || jwtSecret === '' ? undefined : jwtSecret;
    this.#limit = rateLimit ?? DEFAULT_LIMIT;
    if (this.#secret !== undefined && Buffer.byteLength(this.#secret) < MIN_SECRET_BYTES) {
      const message = `jwtSecret must be at least ${MIN_SECRET_BYTES} bytes long.`;
      throw new ClaudeFlowError('config_invalid', message);
    }
  }

  /** A new key, `cf_` and 64 hexadecimal digits; nobody can read it again. Without a list it may read and write swarms; with an empty one, nothing. */
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

  /** Checks a key and counts the use. */
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

  /** Looks a key up for a server that has limits of its own, and counts the use. */
  identify(apiKey: string): ApiKeyData | undefined {
    const keyData = this.#keys.get(hashOf(apiKey));
    return keyData === undefined ? undefined : this.#used(keyData, Date.now());
  }

  /** Is the key with this id still good? */
  stands(id: string): boolean {
    return [...this.#keys.values()].some((keyData) => keyData.id === id);
  }

  #used(keyData: ApiKeyData, now: number): ApiKeyData {
    keyData.lastUsed = now;
    keyData.usageCount += 1;
    return { ...keyData };
  }

  /** @returns whether there was such a key */
  revokeApiKey(apiKey: string): boolean {
    return this.#keys.delete(hashOf(apiKey));
  }

  /** What is known of a user's keys, without the keys. */
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
   * A token that every process with the same secret accepts: `sub` is its owner (`userId` is taken for it), `permissions`
   * may narrow what it may do.
   * @param expiresIn seconds, or text like `1h`
   * @throws ClaudeFlowError `config_invalid` without a secret
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

  /** The token's payload; null when it is not ours, was changed, or has expired. */
  validateJWT(token: string): Record<string, unknown> | null {
    return this.#secret === undefined ? null : readToken(token, this.#secret, Date.now());
  }
}
