import { strictFields } from '@claude-flow/core/contracts/strict-fields';
import { EVENT_TYPES, LAST_EVENTS } from '@claude-flow/core/contracts/swarm-event';
import { z } from '@hono/zod-openapi';
import { nullableTimestamp } from '../http/schemas/common.ts';

const MAX_URL = 2_048;
const MIN_SECRET = 16;
const MAX_SECRET = 256;
const CODED_SECRET = 'whsec_';
/** Of a coded secret; as many as another one has characters. */
const MIN_KEY_BYTES = 16;

const SECRET_LENGTH = `webhook.secret must have ${MIN_SECRET} to ${MAX_SECRET} characters.`;
const SECRET_FORM = `webhook.secret begins with whsec_, so that the base64 of at least ${MIN_KEY_BYTES} bytes must follow.`;

/** Whatever goes with each request in the clear belongs into the secret, not into the address. */
function isTarget(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && username === '' && password === '';
}

/** Standard Webhooks: `whsec_` and base64. Any other text is taken as it is. */
function isSecret(text: string): boolean {
  if (!text.startsWith(CODED_SECRET)) return true;
  const coded = text.slice(CODED_SECRET.length);
  const key = Buffer.from(coded, 'base64');
  return key.length >= MIN_KEY_BYTES && key.toString('base64') === coded;
}

const eventType = z.enum(EVENT_TYPES);

/** Where a new swarm's events are to be sent. */
export const newWebhook = strictFields({
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
    .min(MIN_SECRET, SECRET_LENGTH)
    .max(MAX_SECRET, SECRET_LENGTH)
    .refine(isSecret, SECRET_FORM)
    .optional()
    .openapi({
      description:
        'Signs each delivery as Standard Webhooks say (webhook-id, webhook-timestamp, webhook-signature). whsec_ and base64, or any other text; never shown again',
      example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    }),
}).openapi('NewWebhook', {
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
