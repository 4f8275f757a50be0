import { describe, expect, it } from 'vitest';
import { loadWorkerConfig } from './config.ts';

describe('loadWorkerConfig', () => {
  it('needs nothing but a key', () => {
    const config = loadWorkerConfig({ ANTHROPIC_API_KEY: 'k' });
    expect(config).toMatchObject({
      maxConcurrentTasks: 10,
      redisPrefix: 'cf',
      thinking: 'auto',
      host: '0.0.0.0',
      fleetCapped: false,
    });
    expect(config.workerId).toMatch(/^[A-Za-z0-9._-]+$/);
    expect(loadWorkerConfig({ ANTHROPIC_API_KEY: 'k' }).workerId).not.toBe(config.workerId);
  });

  it('needs no key for a model server of one’s own', () => {
    const config = loadWorkerConfig({ ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' });
    expect(config.anthropic).toMatchObject({ baseUrl: 'http://127.0.0.1:9' });
    expect(config.anthropic).not.toHaveProperty('apiKey');
  });

  it('knows when the whole fleet is capped', () => {
    const config = loadWorkerConfig({ ANTHROPIC_API_KEY: 'k', CLAUDE_FLOW_MAX_AGENTS: '7' });
    expect(config).toMatchObject({ fleetCap: 7, fleetCapped: true });
  });

  it('tells all faults at once', () => {
    const faults = {
      MAX_CONCURRENT_TASKS: 'many',
      REDIS_URL: 'ftp://x',
      WORKER_ID: 'a b',
      CLAUDE_FLOW_MAX_AGENTS: '0',
      WORKSPACE_ROOT: 'here',
    };
    expect(() => loadWorkerConfig(faults)).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        details: expect.arrayContaining(
          [...Object.keys(faults), 'ANTHROPIC_API_KEY'].map((field) => expect.objectContaining({ field })),
        ),
      }),
    );
  });
});
