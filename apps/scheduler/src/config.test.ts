import { describe, expect, it } from 'vitest';
import { loadSchedulerConfig } from './config.ts';

const ok = { ANTHROPIC_BASE_URL: 'http://127.0.0.1:1' };

describe('loadSchedulerConfig', () => {
  it('has defaults for all but the model', () => {
    expect(loadSchedulerConfig(ok)).toMatchObject({
      maxConcurrentPlans: 10,
      taskDefaults: { timeoutMs: 300_000, maxRetries: 3 },
      redisPrefix: 'cf',
      anthropic: { baseUrl: 'http://127.0.0.1:1' },
    });
    expect(loadSchedulerConfig(ok)).not.toHaveProperty('healthPort');
  });

  it('takes the stricter of the two task timeouts', () => {
    const timeout = (more: Record<string, string>) =>
      loadSchedulerConfig({ ...ok, ...more }).taskDefaults.timeoutMs;
    expect(timeout({ CLAUDE_FLOW_TIMEOUT: '900000' })).toBe(600_000);
    expect(timeout({ CLAUDE_FLOW_TIMEOUT: '900000', TASK_TIMEOUT_MINUTES: '20' })).toBe(900_000);
    expect(timeout({ TASK_TIMEOUT_MINUTES: '1' })).toBe(60_000);
  });

  it('names all faults at once', () => {
    const load = () =>
      loadSchedulerConfig({
        LOG_LEVEL: 'loud',
        MAX_CONCURRENT_PLANS: '0',
        CLAUDE_FLOW_MODEL_PLANNER: 'no such\nname',
        REDIS_URL: 'http://x',
      });
    for (const name of [
      'LOG_LEVEL',
      'MAX_CONCURRENT_PLANS',
      'CLAUDE_FLOW_MODEL_PLANNER',
      'REDIS_URL',
      'ANTHROPIC_API_KEY',
    ]) {
      expect(load).toThrow(new RegExp(`^  ${name}: `, 'm'));
    }
  });
});
