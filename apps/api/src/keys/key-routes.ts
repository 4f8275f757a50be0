import { cutText } from '@claude-flow/core/domain/cut-text';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { isApiKeyId } from '@claude-flow/core/domain/ids';
import {
  type ApiKeyRecord,
  countApiKeys,
  createApiKey,
  listApiKeys,
  readApiKey,
  revokeApiKey,
} from '@claude-flow/core/store/api-keys';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { ownerOfName } from '@claude-flow/core/store/owner-names';
import { createRoute } from '@hono/zod-openapi';
import type { Principal } from '../auth/principal.ts';
import type { AddRoutes } from '../http/add-routes.ts';
import { principalOf } from '../http/app-env.ts';
import { ApiError } from '../http/errors/api-error.ts';
import { allow } from '../http/middleware/allow.ts';
import { jsonBody } from '../http/middleware/body.ts';
import { createdContent, jsonContent } from '../http/schemas/common.ts';
import { problems } from '../http/schemas/problem.ts';
import { iso } from '../http/time.ts';
import { checkRevocation, grantedKey, type KeyWish } from '../keys/grant.ts';
import { createdKey, createKeyBody, keyList, keyListQuery, keyParams, revokedKey } from './key-schemas.ts';
import { keyView } from './key-view.ts';

/** Nobody needs more; without an end, somebody's loop would fill Redis. */
const MAX_KEYS_PER_OWNER = 1_000;

const create = createRoute({
  method: 'post',
  path: '/api/keys',
  operationId: 'createKey',
  tags: ['Keys'],
  summary: 'Make an API key',
  description: 'The key is in this answer and nowhere else. A lost one is revoked and replaced.',
  middleware: [allow('keys:manage'), jsonBody] as const,
  request: { body: { required: true, content: { 'application/json': { schema: createKeyBody } } } },
  responses: {
    201: createdContent(createdKey, 'The key'),
    ...problems(
      'validation_failed',
      'malformed_json',
      'authentication_required',
      'permission_denied',
      'too_many_keys',
      'body_too_large',
      'unsupported_media_type',
    ),
  },
});

const list = createRoute({
  method: 'get',
  path: '/api/keys',
  operationId: 'listKeys',
  tags: ['Keys'],
  summary: 'Your API keys, newest first; for administrators everybody’s',
  description: 'Never the keys themselves. An expired one is listed for 30 days more.',
  middleware: [allow('keys:manage')] as const,
  request: { query: keyListQuery },
  responses: {
    200: jsonContent(keyList, 'One page'),
    ...problems('authentication_required', 'permission_denied', 'validation_failed'),
  },
});

const revoke = createRoute({
  method: 'delete',
  path: '/api/keys/{keyId}',
  operationId: 'revokeKey',
  tags: ['Keys'],
  summary: 'Revoke an API key',
  description:
    'It is refused everywhere within 5 s, with all keys that were made with it, and their open WebSockets and event streams end. A key that may do more than yours cannot be revoked with it.',
  middleware: [allow('keys:manage')] as const,
  request: { params: keyParams },
  responses: {
    200: jsonContent(revokedKey, 'It is revoked'),
    ...problems('authentication_required', 'permission_denied', 'key_not_found', 'body_too_large'),
  },
});

export const addKeyRoutes: AddRoutes = (app, deps) => {
  const { ownerNames } = deps;
  app.openapi(create, async (c) => {
    const now = deps.now();
    const caller = principalOf(c);
    const asked = await withStoredOwner(deps.ledger, caller, c.req.valid('json'));
    const wish = grantedKey(caller, asked, now, deps.config.keyMaxDays);
    if ((await countApiKeys(deps.ledger, wish.owner)) >= MAX_KEYS_PER_OWNER) {
      const message = `An owner has at most ${MAX_KEYS_PER_OWNER} keys. Revoke some that are not in use.`;
      throw new ApiError('too_many_keys', message);
    }
    const { secret, record } = await createApiKey(deps.ledger, wish);
    deps.log.info(
      { event: 'key.created', keyId: record.id, owner: ownerNames.shown(record.owner) },
      'An API key was made',
    );
    c.header('Location', `/api/keys/${record.id}`);
    const message = 'Key created. Keep it now: it is not shown again.';
    const data = keyView(record, ownerNames);
    return c.json({ keyId: record.id, key: secret, message, data, timestamp: iso(now) }, 201);
  });

  app.openapi(list, async (c) => {
    const caller = principalOf(c);
    const { limit, cursor } = c.req.valid('query');
    const after = cursor === undefined ? undefined : Buffer.from(cursor, 'base64url').toString('utf8');
    const owner = caller.seesAll ? undefined : caller.owner;
    const page =
      after !== undefined && !isApiKeyId(after)
        ? undefined
        : await listApiKeys(deps.ledger, owner, { limit, after, now: deps.now() });
    if (page === undefined) {
      const message = 'cursor must be the nextCursor of an earlier page.';
      throw new ApiError('validation_failed', message, { details: [{ field: 'cursor', message }] });
    }
    const keys = page.records.map((record) => keyView(record, ownerNames));
    const last = page.records.at(-1);
    const nextCursor = page.more && last !== undefined ? Buffer.from(last.id).toString('base64url') : null;
    return c.json({ keys, count: keys.length, nextCursor }, 200);
  });

  app.openapi(revoke, async (c) => {
    const { keyId } = c.req.valid('param');
    const record = await ownKey(deps.ledger, principalOf(c), keyId);
    checkRevocation(principalOf(c), record);
    if (!(await revokeApiKey(deps.ledger, record))) throw noSuchKey(keyId);
    deps.log.info(
      { event: 'key.revoked', keyId, owner: ownerNames.shown(record.owner) },
      'An API key was revoked',
    );
    const message = 'Key revoked. It is refused everywhere within 5 seconds.';
    return c.json({ keyId, status: 'revoked' as const, message, timestamp: iso(deps.now()) }, 200);
  });
};

/** People name owners as they see them. */
async function withStoredOwner<Wish extends KeyWish>(
  ledger: Ledger,
  caller: Principal,
  wish: Wish,
): Promise<Wish> {
  if (wish.owner === undefined) return wish;
  const owner = await ownerOfName(ledger, wish.owner);
  if (owner !== undefined) return { ...wish, owner };
  // Only administrators learn which names there are; everybody else is refused whatever owner they name.
  if (!caller.seesAll) return wish;
  const message = `owner: no key of the environment has the name ${wish.owner}. Copy the owner from a key or swarm of theirs.`;
  throw new ApiError('validation_failed', message, { details: [{ field: 'owner', message }] });
}

/** A key of this caller. Another owner's does not exist for them. */
async function ownKey(ledger: Ledger, caller: Principal, keyId: string): Promise<ApiKeyRecord> {
  const key = isApiKeyId(keyId) ? await readApiKey(ledger, keyId) : undefined;
  if (key === undefined || !(caller.seesAll || key.record.owner === caller.owner)) throw noSuchKey(keyId);
  return key.record;
}

function noSuchKey(keyId: string): ClaudeFlowError {
  return new ClaudeFlowError('key_not_found', `There is no key with the id "${cutText(keyId, 60)}".`);
}
