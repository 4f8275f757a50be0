import type { Draft } from './kit.ts';
import type { Objective } from './objective.ts';
import { kebab, pascal } from './words.ts';

const tokens = `import { createHmac, timingSafeEqual } from 'node:crypto';

const sign = (payload, secret) => createHmac('sha256', secret).update(payload).digest('base64url');

/** A token that proves who someone is until it expires. @param {{ subject: string, expiresAt: number }} claims */
export function issueToken(claims, secret) {
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return payload + '.' + sign(payload, secret);
}

/** @returns {{ subject: string, expiresAt: number } | null} null when it is forged, damaged or expired */
export function verifyToken(token, secret, now = Date.now()) {
  const [payload, signature] = String(token).split('.');
  if (payload === undefined || signature === undefined) return null;
  const expected = sign(payload, secret);
  if (expected.length !== signature.length) return null;
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(signature))) return null;
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  return claims.expiresAt > now ? claims : null;
}
`;

const limiter = `/**
 * Allows so many calls per window and key.
 * @param {{ limit: number, windowMs: number, now?: () => number }} options
 */
export function createLimiter({ limit, windowMs, now = Date.now }) {
  const windows = new Map();
  return {
    /** @returns {{ allowed: boolean, retryAfterMs: number }} */
    take(key) {
      const at = now();
      const known = windows.get(key);
      const current = known === undefined || at - known.from >= windowMs ? { from: at, used: 0 } : known;
      windows.set(key, current);
      if (current.used >= limit) return { allowed: false, retryAfterMs: current.from + windowMs - at };
      current.used += 1;
      return { allowed: true, retryAfterMs: 0 };
    },
  };
}
`;

const logger = `const LEVELS = ['debug', 'info', 'warn', 'error'];

/** One JSON line for each entry at or above the level. */
export function createLogger({ level = 'info', write = (line) => process.stdout.write(line), now = () => new Date() } = {}) {
  const lowest = LEVELS.indexOf(level);
  if (lowest < 0) throw new RangeError('unknown level "' + level + '"; known: ' + LEVELS.join(', '));
  const log = (name) => (message, fields = {}) => {
    if (LEVELS.indexOf(name) < lowest) return;
    write(JSON.stringify({ level: name, time: now().toISOString(), message, ...fields }) + '\\n');
  };
  return Object.fromEntries(LEVELS.map((name) => [name, log(name)]));
}
`;

const cache = `/** Keeps values for a while and computes a missing one only once, however many ask for it at the same time. */
export function createCache({ ttlMs, now = Date.now }) {
  const entries = new Map();
  return {
    async get(key, compute) {
      const known = entries.get(key);
      if (known !== undefined && known.expiresAt > now()) return known.value;
      const value = Promise.resolve().then(() => compute(key));
      entries.set(key, { value, expiresAt: now() + ttlMs });
      value.catch(() => entries.delete(key));
      return value;
    },
    forget: (key) => entries.delete(key),
  };
}
`;

const steps = (
  name: string,
  about: string,
): string => `/** ${about}: named steps that run one after the other and pass a value on. */
export function create${name}(steps) {
  const names = Object.keys(steps);
  if (names.length === 0) throw new RangeError('at least one step is needed');
  return {
    names,
    /** @returns {Promise<{ value: unknown, trace: Array<{ step: string, ms: number }> }>} */
    async run(input) {
      let value = input;
      const trace = [];
      for (const step of names) {
        const from = performance.now();
        try {
          value = await steps[step](value);
        } catch (error) {
          throw new Error('step "' + step + '" failed: ' + error.message, { cause: error });
        }
        trace.push({ step, ms: performance.now() - from });
      }
      return { value, trace };
    },
  };
}
`;

const container: Draft[] = [
  {
    path: 'Dockerfile',
    content: `FROM node:24-alpine
WORKDIR /app
COPY package.json ./
COPY src ./src
USER node
CMD ["npm", "start"]
`,
  },
  { path: '.dockerignore', content: 'node_modules\ntest\ndocs\n.git\n' },
];

/** A piece of code that the kit does not have, for a task with a focus of its own. */
export const moduleFor = (objective: Objective, focus: readonly string[]): Draft[] => {
  const words = focus.join(' ');
  if (/\b(docker\w*|container\w*|deploy\w*|kubernetes)\b/.test(words)) return container;
  const slug = kebab(focus, 30);
  const path = `src/${slug}.js`;
  const head = `// ${objective.title}\n`;
  if (/\b(auth\w*|login|tokens?|session\w*|jwt)\b/.test(words)) return [{ path, content: head + tokens }];
  if (/\b(rate|limit\w*|throttl\w*|quota\w*)\b/.test(words)) return [{ path, content: head + limiter }];
  if (/\b(logg\w*|logs?|monitoring|observability)\b/.test(words)) return [{ path, content: head + logger }];
  if (/\b(cach\w*|performance|speed)\b/.test(words)) return [{ path, content: head + cache }];
  const name = pascal(focus.filter((word) => /^[a-z]/.test(word)).slice(0, 3)) || 'Steps';
  return [{ path, content: head + steps(name, focus.join(' ')) }];
};
