import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addressLines } from './addresses.ts';
import { fateOf, ignoredSentence, localVariables, portIn } from './variables.ts';

const operations = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8');
/** Every variable of the table: the first column names them. */
const documented = [...operations.matchAll(/^\| (`[A-Z][^|]*) \|/gm)].flatMap(([, cell = '']) =>
  [...cell.matchAll(/`([A-Z][A-Z_0-9]+)`/g)].map(([, name = '']) => name),
);

describe('the variables of demo, dev and start', () => {
  it('has a fate for every variable of the operations page', () => {
    expect(documented.length).toBeGreaterThan(50);
    expect(documented.filter((name) => fateOf(name) === 'unknown')).toEqual([]);
  });

  it('passes on what tunes the system, gives the API alone what opens it, and names what has no effect', () => {
    const { all, api, ignored, key } = localVariables({
      CLAUDE_FLOW_MODEL_CODER: 'm',
      MOCK_SEED: '2',
      MOCK_LATENCY_MS: '',
      RATE_LIMIT_MAX: '5',
      API_KEYS: 'k1',
      AUTH_ENABLED: 'true',
      ANTHROPIC_API_KEY: 'secret',
      HOST: '0.0.0.0',
      WORKER_ID: 'w',
      EDITOR: 'vi',
    });
    expect(all).toEqual({ CLAUDE_FLOW_MODEL_CODER: 'm', MOCK_SEED: '2' });
    expect(key).toMatch(/^cf_local_.{32}$/);
    expect(api).toEqual({ RATE_LIMIT_MAX: '5', API_KEYS: 'k1', AUTH_ENABLED: 'true', ADMIN_API_KEYS: key });
    expect(ignored.map((text) => text.split(' ')[0])).toEqual(['HOST', 'WORKER_ID']);
    expect(ignoredSentence('demo', { all, api, ignored })).toMatch(
      /without effect on demo: HOST \(.+\), WORKER_ID/,
    );
  });

  it('keeps the administrators that are there beside the key it makes', () => {
    const { api, key } = localVariables({ AUTH_ENABLED: '1', ADMIN_API_KEYS: 'mine' });
    expect(api['ADMIN_API_KEYS']).toBe(`mine,${key}`);
  });

  it.each(['', 'false', '0', 'No', 'off'])('AUTH_ENABLED=%j makes no key', (value) => {
    expect(localVariables({ AUTH_ENABLED: value }).key).toBeUndefined();
  });

  it('says nothing when nothing is ignored', () => {
    expect(ignoredSentence('dev', localVariables({ PORT: '1', PATH: '/bin' }))).toBeUndefined();
  });

  it.each(['http', '70000', '-1', '3000 '])('refuses PORT=%j', (PORT) => {
    expect(() => portIn({ PORT })).toThrow(/PORT must be a whole number/);
  });

  it('takes a port, and none', () => {
    expect([portIn({ PORT: '0' }), portIn({ PORT: '8080' }), portIn({})]).toEqual([0, 8080, undefined]);
  });
});

describe('the addresses that are printed', () => {
  const redis = {} as never;
  const apiUrls = ['http://127.0.0.1:3000'];

  it('has REDIS_URL, the model and a first call, with the key where one is needed', () => {
    const stack = { apiUrls, redis, redisUrl: 'redis://127.0.0.1:7', mockUrl: 'http://127.0.0.1:8' };
    const text = addressLines({ stack, key: 'k' }).join('\n');
    expect(text).toContain('REDIS_URL=redis://127.0.0.1:7');
    expect(text).toContain('ANTHROPIC_BASE_URL=http://127.0.0.1:8');
    expect(text).toMatch(/curl -s http:\/\/127.0.0.1:3000\/api\/swarm\/create .*X-API-Key: k/);
    expect(addressLines({ stack }).join('\n')).not.toContain('X-API-Key');
  });

  it("never repeats the address of the user's own Redis", () => {
    const stack = { apiUrls, redis: undefined, redisUrl: 'redis://:pw@h:1', mockUrl: undefined };
    const text = addressLines({ stack, redisPrefix: 'cf-demo-1' }).join('\n');
    expect(text).not.toContain('pw');
    expect(text).toContain('REDIS_PREFIX=cf-demo-1');
  });
});
