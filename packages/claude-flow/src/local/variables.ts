import { randomBytes } from 'node:crypto';

/** What demo, dev and start decide themselves, and why, in a few words. */
const DECIDED: Readonly<Record<string, string>> = {
  HOST: 'everything serves on 127.0.0.1',
  HEALTH_PORT: 'every process takes a free port',
  NODE_ENV: 'always development',
  WORKER_ID: 'the workers are worker-1 and worker-2',
  TLS_CERT_FILE: 'plain HTTP on 127.0.0.1',
  TLS_KEY_FILE: 'plain HTTP on 127.0.0.1',
  MOCK_PORT: 'the simulated model takes a free port',
};

/** Who may come in, and how often: for the API alone. */
const FOR_THE_API =
  /^(AUTH_ENABLED|ALLOW_UNAUTHENTICATED|(FRONTEND_|ADMIN_)?API_KEYS?|JWT_\w+|RATE_LIMIT_\w+|CORS_ORIGINS|ALLOWED_HOSTS|KEY_MAX_DAYS|MODELS_ALLOWED|BUDGET_DEFAULT|BUDGET_MAX|STORAGE_PER_\w+|MAX_SWARMS_PER_OWNER|TRUSTED_PROXY_HOPS|MAX_CONNECTIONS\w*|MAX_UNREAD_BYTES|READ_PACE|READ_GRACE|MAX_STREAMS_PER_CALLER|(HEADERS|REQUEST|KEEP_ALIVE)_TIMEOUT|ENABLE_METRICS|RESOURCE_MONITORING|ACCESS_LOG|WS_\w+|SHUTDOWN_DELAY|SHOW_TURNS)$/;
/** What tunes every process; each reads only what it knows. */
const FOR_ALL =
  /^(CLAUDE_FLOW_(?!URL$)\w+|ANTHROPIC_(?!API_KEY$|BASE_URL$)\w+|REDIS_(?!URL$)\w+|LOG_LEVEL|HTTPS?_PROXY|NO_PROXY|NODE_EXTRA_CA_CERTS|MAX_(CONCURRENT_TASKS|CONCURRENT_PLANS|RETRIES|SWARMS)|TASK_TIMEOUT_MINUTES|WORKSPACE_ROOT|WEBHOOK_\w+|MOCK_(?!PORT$)\w+)$/;
/** Read by the command itself. */
const OWN = /^(PORT|REDIS_URL|ANTHROPIC_API_KEY|ANTHROPIC_BASE_URL|REDIS_SERVER_PATH|NO_COLOR)$/;

export interface LocalVariables {
  /** For every process. */
  all: Record<string, string>;
  /** For the API, on top. */
  api: Record<string, string>;
  /** `NAME (why)` for each variable that is set and has no effect here. */
  ignored: string[];
  /** With authentication on: an administrator's key that is good as long as the API runs. */
  key?: string;
}

/** What becomes of a variable of docs/operations.md. */
export function fateOf(name: string): 'all' | 'api' | 'own' | 'ignored' | 'unknown' {
  if (Object.hasOwn(DECIDED, name)) return 'ignored';
  if (OWN.test(name)) return 'own';
  if (FOR_THE_API.test(name)) return 'api';
  return FOR_ALL.test(name) ? 'all' : 'unknown';
}

const OFF = new Set(['', 'false', '0', 'no', 'off']);

/** What of the user's environment is passed on to the processes. Values are not checked here: each process does. */
export function localVariables(env: NodeJS.ProcessEnv): LocalVariables {
  const all: Record<string, string> = {};
  const api: Record<string, string> = {};
  const ignored: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (!value) continue;
    const fate = fateOf(name);
    if (fate === 'all') all[name] = value;
    if (fate === 'api') api[name] = value;
    if (fate === 'ignored') ignored.push(`${name} (${DECIDED[name]})`);
  }
  const authentication = !OFF.has((env['AUTH_ENABLED'] ?? '').trim().toLowerCase());
  if (!authentication) return { all, api, ignored };
  // Nobody's own key has to be printed for a first call, and none has to be invented by the user.
  const key = `cf_local_${randomBytes(24).toString('base64url')}`;
  api['ADMIN_API_KEYS'] = [api['ADMIN_API_KEYS'], key].filter((part) => part).join(',');
  return { all, api, ignored, key };
}

/** The line that names what has no effect; undefined when all has. */
export function ignoredSentence(command: string, { ignored }: LocalVariables): string | undefined {
  if (ignored.length === 0) return undefined;
  return `Set, but without effect on ${command}: ${ignored.join(', ')}.`;
}

/** The port that PORT asks for; undefined when it asks for none. @throws Error, a sentence for the user */
export function portIn(env: NodeJS.ProcessEnv): number | undefined {
  const text = env['PORT'];
  if (!text) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new Error('PORT must be a whole number from 0 to 65535.');
  return port;
}
