import { storageOfOwner, storageOfSwarms } from '@claude-flow/core/queue/storage';
import { listOwnerSwarms } from '@claude-flow/core/store/swarms';
import { createRoute } from '@hono/zod-openapi';
import type { AddRoutes } from '../http/add-routes.ts';
import { principalOf } from '../http/app-env.ts';
import { allow } from '../http/middleware/allow.ts';
import { jsonContent } from '../http/schemas/common.ts';
import { problems } from '../http/schemas/problem.ts';
import { iso } from '../http/time.ts';
import { usageAnswer } from './usage-schema.ts';

/** Swarms among which the largest are looked for, and how many of those are named. */
const LOOKED_AT = 1_000;
const NAMED = 10;

const usage = createRoute({
  method: 'get',
  path: '/api/usage',
  operationId: 'getUsage',
  tags: ['System'],
  summary: 'What you have stored, and how much you may',
  middleware: [allow('swarms:read')] as const,
  responses: {
    200: jsonContent(usageAnswer, 'The numbers'),
    ...problems('authentication_required', 'permission_denied'),
  },
});

export const addUsageRoute: AddRoutes = (app, deps) => {
  app.openapi(usage, async (c) => {
    const { ledger, config, ownerNames } = deps;
    const { owner } = principalOf(c);
    const newest = await listOwnerSwarms(ledger, owner, 0, LOOKED_AT);
    const [bytes, sizes, stored, unfinished] = await Promise.all([
      storageOfOwner(deps, owner),
      storageOfSwarms(deps, newest),
      ledger.redis.zcard(ledger.keys.ownerSwarms(owner)),
      ledger.redis.zcard(ledger.keys.ownerActive(owner)),
    ]);
    const largest = newest
      .map((swarmId, at) => ({ swarmId, bytes: sizes[at] ?? 0 }))
      .filter((swarm) => swarm.bytes > 0)
      .sort((a, b) => b.bytes - a.bytes)
      .slice(0, NAMED);
    const { perOwner = null, perSwarm = null } = config.storage;
    return c.json(
      {
        owner: ownerNames.shown(owner),
        storage: { bytes, limit: perOwner, limitPerSwarm: perSwarm, largest },
        swarms: { stored, unfinished, startLimit: config.maxSwarmsPerOwner ?? null },
        timestamp: iso(deps.now()),
      },
      200,
    );
  });
};
