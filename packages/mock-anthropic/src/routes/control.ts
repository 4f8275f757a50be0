import { scenarioSchema } from '../control/rules.ts';
import type { Deps } from '../deps.ts';
import { parseBody } from '../validation/parse.ts';
import { readJson } from '../wire/body.ts';
import { badRequest } from '../wire/errors.ts';
import type { App } from './env.ts';
import { requireLoopback } from './loopback.ts';

const DEFAULT_RECENT = 100;

/**
 * `/_mock/*`: for tests and benchmarks, not part of the real API. Everything here is in memory of this process.
 * `POST scenario {rules}` replaces the rules · `POST reset` forgets rules, counters, cache and limits ·
 * `GET stats` · `GET requests?limit=` newest first.
 */
export const mountControl = (app: App, deps: Deps): void => {
  app.use('/_mock/*', requireLoopback);
  app.post('/_mock/scenario', async (c) => {
    const { rules } = parseBody(scenarioSchema, await readJson(c.env.incoming), '2026-10-21');
    deps.scenario.replace(rules);
    return c.json({ rules: rules.length });
  });
  app.post('/_mock/reset', (c) => {
    deps.scenario.replace([]);
    deps.stats.reset();
    deps.cache.clear();
    deps.limiter.clear();
    return c.json({ reset: true });
  });
  app.get('/_mock/stats', (c) => c.json(deps.stats.snapshot()));
  app.get('/_mock/requests', (c) => {
    const limit = Number(c.req.query('limit') ?? DEFAULT_RECENT);
    if (!Number.isInteger(limit) || limit < 1) throw badRequest('limit: must be a whole number of 1 or more');
    return c.json({ requests: deps.stats.recent(limit) });
  });
};
