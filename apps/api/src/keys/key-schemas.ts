import { strictFields } from '@claude-flow/core/contracts/strict-fields';
import { MAX_ID_LENGTHS } from '@claude-flow/core/domain/ids';
import { z } from '@hono/zod-openapi';
import { RIGHTS } from '../auth/principal.ts';
import { nullableTimestamp, queryInteger, timestamp } from '../http/schemas/common.ts';

const EXAMPLE_KEY_ID = 'key_0123456789abcdef01234567';
const MAX_LIFE_DAYS = 3_660;

const keyIdText = z.string().openapi({ example: EXAMPLE_KEY_ID });
const permission = z.enum(RIGHTS, `permissions takes ${RIGHTS.join(', ')}.`);

/** An id of the wrong form is an id that does not exist: 404, not 400. */
export const keyParams = z.object({
  keyId: z.string().openapi({
    param: { name: 'keyId', in: 'path' },
    maxLength: MAX_ID_LENGTHS.apiKey,
    example: EXAMPLE_KEY_ID,
  }),
});

export const createKeyBody = strictFields(
  {
    name: z.string().trim().min(1).max(100).openapi({ description: 'For people', example: 'ci' }),
    permissions: z.array(permission).min(1).max(RIGHTS.length).optional().openapi({
      description: 'At most your own; default: swarms:read and swarms:write, as far as you have them',
    }),
    expiresInDays: z.number().positive().max(MAX_LIFE_DAYS).optional().openapi({
      description: 'Default: as long as your own key or token, or as the server allows (KEY_MAX_DAYS)',
    }),
    owner: z.string().min(1).max(256).optional().openapi({
      description: 'Whose swarms the key reaches. Default: yours; another one only by an administrator',
    }),
    admin: z
      .boolean()
      .optional()
      .openapi({ description: 'Sees everybody’s swarms and keys; only by an administrator' }),
  },
  { expiresIn: 'expiresInDays', expiresAt: 'expiresInDays', rights: 'permissions' },
).openapi('CreateKey');

export const apiKeyView = z
  .object({
    keyId: keyIdText,
    name: z.string(),
    owner: z.string(),
    permissions: z.array(z.string()),
    admin: z.boolean(),
    createdAt: timestamp,
    createdBy: z.string().nullable().openapi({
      description:
        'Who made it: a key’s id, `jwt:` and the subject of a token, `environment` (a key of the environment), `command` (pnpm run key:create), `local` (without authentication). Null for keys of older releases',
    }),
    expiresAt: nullableTimestamp,
    lastUsedAt: nullableTimestamp.openapi({ description: 'Some seconds behind' }),
    useCount: z.number().int().openapi({ description: 'Requests and connections; some seconds behind' }),
  })
  .openapi('ApiKey');

export const createdKey = z
  .object({
    keyId: keyIdText,
    key: z.string().openapi({ description: 'Shown here and never again', example: `cf_${'0'.repeat(64)}` }),
    message: z.string(),
    data: apiKeyView,
    timestamp,
  })
  .openapi('CreatedKey');

export const keyList = z
  .object({ keys: z.array(apiKeyView), count: z.number().int(), nextCursor: z.string().nullable() })
  .openapi('KeyList');

export const revokedKey = z
  .object({ keyId: keyIdText, status: z.literal('revoked'), message: z.string(), timestamp })
  .openapi('RevokedKey');

export const keyListQuery = z.object({
  limit: queryInteger('limit', { min: 1, max: 200, fallback: 50 }),
  cursor: z.string().max(200).optional(),
});
