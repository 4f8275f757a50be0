import { errorMessage } from '@claude-flow/core/domain/errors';
import { isLoopback } from '@claude-flow/core/domain/loopback';
import { isWellKnownSecret } from '../auth/well-known-secrets.ts';
import { checkPair, readPem } from '../http/server/certificate.ts';
import { beyond } from '../limits/spending.ts';
import type { Env } from './env-fields.ts';
import { EVERY_ORIGIN } from './origins.ts';

/** In production a shorter key of the environment is refused. */
const MIN_PRODUCTION_KEY_LENGTH = 16;
/** As far as it could be read: the rules across variables are checked beside the faults of single ones. */
type ReadSoFar = { [Name in keyof Env]?: Env[Name] | undefined };
type Fault = (name: keyof Env, message: string) => void;

/** How the API is reached: on an address of its own, or as a function that a gateway calls. */
export type Entry = 'server' | 'function';

/** All that must hold between variables. */
export function checkRules(env: ReadSoFar, entry: Entry, fault: Fault): void {
  checkTokens(env, fault);
  checkTls(env, fault);
  if (keysOf(env, USER_KEYS).some(([, key]) => keysOf(env, ADMIN_KEYS).some(([, admin]) => admin === key))) {
    fault(
      'ADMIN_API_KEYS',
      'ADMIN_API_KEYS holds a key that is among API_KEYS too. Give administrators keys of their own.',
    );
  }
  const tooMuch = beyond(env.BUDGET_DEFAULT ?? {}, env.BUDGET_MAX ?? {});
  if (tooMuch !== undefined)
    fault('BUDGET_DEFAULT', `BUDGET_DEFAULT has a larger ${tooMuch} than BUDGET_MAX. Make it smaller.`);
  if (env.NODE_ENV !== 'production') return;
  checkOpenDoor(env, entry, fault);
  if (env.AUTH_ENABLED !== true) return;
  checkSecrets(env, fault);
  if (env.CORS_ORIGINS?.includes(EVERY_ORIGIN)) {
    fault('CORS_ORIGINS', 'In production CORS_ORIGINS must name the origins: "*" lets every web page in.');
  }
}

const USER_KEYS = ['API_KEYS', 'FRONTEND_API_KEY'] as const;
const ADMIN_KEYS = ['ADMIN_API_KEYS', 'ADMIN_API_KEY'] as const;
type KeyVariable = (typeof USER_KEYS | typeof ADMIN_KEYS)[number];

function keysOf(env: ReadSoFar, names: readonly KeyVariable[]): [KeyVariable, string][] {
  return names.flatMap((name) => [env[name] ?? []].flat().map((key): [KeyVariable, string] => [name, key]));
}

function checkTokens(env: ReadSoFar, fault: Fault): void {
  if (env.JWT_JWKS_URL === undefined || !URL.canParse(env.JWT_JWKS_URL)) return;
  if (env.JWT_SECRET !== undefined) {
    fault(
      'JWT_JWKS_URL',
      'JWT_JWKS_URL and JWT_SECRET are two ways to check the same tokens. Set one of them.',
    );
  }
  const { protocol, hostname } = new URL(env.JWT_JWKS_URL);
  if (env.NODE_ENV === 'production' && protocol !== 'https:' && !isLoopback(hostname)) {
    fault(
      'JWT_JWKS_URL',
      'In production JWT_JWKS_URL must start with https://: whoever can change its answer lets himself in.',
    );
  }
}

function checkTls(env: ReadSoFar, fault: Fault): void {
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } = env;
  if (certFile === undefined && keyFile === undefined) return;
  const read = (name: 'TLS_CERT_FILE' | 'TLS_KEY_FILE', file: string | undefined) => {
    if (file === undefined) {
      fault(name, `${name} is missing: TLS needs a certificate and its key. Set both, or neither.`);
      return undefined;
    }
    try {
      return readPem(file);
    } catch (error) {
      fault(name, `${name}: the file ${file} cannot be read (${errorMessage(error)}).`);
      return undefined;
    }
  };
  const cert = read('TLS_CERT_FILE', certFile);
  const key = read('TLS_KEY_FILE', keyFile);
  if (cert === undefined || key === undefined) return;
  const unusable = checkPair({ cert, key });
  if (unusable !== undefined) {
    fault(
      'TLS_CERT_FILE',
      `TLS_CERT_FILE and TLS_KEY_FILE are no usable pair (${unusable}). Both are PEM files, the key without a password.`,
    );
  }
}

function checkOpenDoor(env: ReadSoFar, entry: Entry, fault: Fault): void {
  if (env.AUTH_ENABLED !== false || env.ALLOW_UNAUTHENTICATED === true) return;
  if (entry === 'function') {
    fault(
      'AUTH_ENABLED',
      'In production, everybody who may call this function could use this API. Set AUTH_ENABLED=true and API_KEYS, or ' +
        'ALLOW_UNAUTHENTICATED=true when something else keeps strangers out.',
    );
  }
  if (entry === 'function' || env.HOST === undefined || isLoopback(env.HOST)) return;
  fault(
    'AUTH_ENABLED',
    `In production, everybody who reaches ${env.HOST} could use this API. Set AUTH_ENABLED=true and API_KEYS, or ` +
      'HOST=127.0.0.1, or ALLOW_UNAUTHENTICATED=true when something else keeps strangers out.',
  );
}

function checkSecrets(env: ReadSoFar, fault: Fault): void {
  const named = new Set<keyof Env>();
  const once = (name: keyof Env, message: string) => {
    if (!named.has(name)) fault(name, message);
    named.add(name);
  };
  for (const [name, key] of keysOf(env, [...USER_KEYS, ...ADMIN_KEYS])) {
    if (key.length < MIN_PRODUCTION_KEY_LENGTH) {
      once(name, `In production each key of ${name} needs at least ${MIN_PRODUCTION_KEY_LENGTH} characters.`);
    } else if (isWellKnownSecret(key)) {
      once(
        name,
        `In production ${name} must not hold a key that looks like an example. Make one: openssl rand -hex 32`,
      );
    }
  }
  if (env.JWT_SECRET !== undefined && isWellKnownSecret(env.JWT_SECRET)) {
    once(
      'JWT_SECRET',
      'In production JWT_SECRET must not look like an example. Make one: openssl rand -hex 32',
    );
  }
}
