import { EVENT_TYPES, LAST_EVENTS } from '@claude-flow/core/contracts/swarm-event';
import { z } from '@hono/zod-openapi';
import { nullableTimestamp } from './common.ts';

const MAX_URL = 2_048;
const MIN_SECRET = 16;
const MAX_SECRET = 256;

/** Whatever goes with each request in the clear belongs into the secret, not into the address. */
function isTarget(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && username === '' && password === '';
}

const eventType = z.enum(EVENT_TYPES);

/** Where a new swarm's events are to be sent. */
export const newWebhook = z
  .object({
    url: z
      .string('webhook.url is required.')
      .max(MAX_URL)
      .refine(isTarget, 'webhook.url must be an http:// or https:// address without user name and password.')
      .openapi({ format: 'uri', example: 'https://hooks.example.com/claude-flow' }),
    events: z
      .array(eventType)
      .min(1)
      .max(EVENT_TYPES.length)
      .default([...LAST_EVENTS])
      .openapi({ description: 'Types to be told of; left out: how the swarm ended' }),
    secret: z
      .string()
      .min(MIN_SECRET)
      .max(MAX_SECRET)
      .optional()
      .openapi({ description: 'Signs each delivery (X-Claude-Flow-Signature); never shown again' }),
  })
  .openapi('NewWebhook', {
    description:
      'Events are sent as POST with the body of the event pages, in order, each at least once; see docs/operations.md.',
  });

/** The same of a swarm that is there. */
export const webhook = z
  .object({
    url: z.string(),
    events: z.array(eventType),
    signed: z.boolean(),
    status: z.enum(['active', 'given-up']).openapi({
      description: 'given-up: an event could not be delivered, and none follows it; the log says why',
    }),
    deliveredSeq: z
      .number()
      .int()
      .openapi({ description: 'All events up to this one are delivered, or were not asked for' }),
    failedAttempts: z.number().int().openapi({ description: 'Of the event that is next' }),
    nextAttemptAt: nullableTimestamp,
    lastError: z.string().nullable(),
  })
  .openapi('Webhook');
