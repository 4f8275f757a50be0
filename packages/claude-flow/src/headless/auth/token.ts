import { createHmac, timingSafeEqual } from 'node:crypto';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';

const HEADER = encode({ alg: 'HS256', typ: 'JWT' });
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

const signature = (content: string, secret: string) =>
  createHmac('sha256', secret).update(content).digest('base64url');

/** @param duration seconds, or text like `30m`, `1h`, `7d` */
function seconds(duration: string | number): number {
  const [, count, unit = 's'] = /^(\d+)\s*([smhd])?$/.exec(String(duration).trim()) ?? [];
  const value = Number(count) * (UNITS[unit] ?? 1);
  if (count !== undefined && value > 0) return value;
  const message = `"${duration}" is no duration. Give seconds, or text like 30m, 1h, 7d.`;
  throw new ClaudeFlowError('validation_failed', message);
}

/** An HS256 token: the only algorithm that is ever written or read here. */
export function signToken(
  payload: Record<string, unknown>,
  secret: string,
  expiresIn: string | number,
  now: number,
): string {
  const iat = Math.floor(now / 1000);
  const content = `${HEADER}.${encode({ ...payload, iat, exp: iat + seconds(expiresIn) })}`;
  return `${content}.${signature(content, secret)}`;
}

/** @returns the payload of a token with a good signature that has not expired, else null */
export function readToken(token: string, secret: string, now: number): Record<string, unknown> | null {
  const [header, body, given, ...more] = token.split('.');
  if (header !== HEADER || body === undefined || given === undefined || more.length > 0) return null;
  const expected = Buffer.from(signature(`${header}.${body}`, secret));
  const actual = Buffer.from(given);
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) return null;
  try {
    const payload: unknown = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
    if (typeof payload !== 'object' || payload === null) return null;
    const { exp } = payload as { exp?: unknown };
    if (typeof exp !== 'number' || exp * 1000 <= now) return null;
    return payload as Record<string, unknown>;
  } catch {
    return null;
  }
}
