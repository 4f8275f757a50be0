import { findModel, MODELS } from '../models/catalogue.ts';
import { modelInfo } from '../models/model-info.ts';
import { renderPrefix } from '../tokens/prefix.ts';
import { checkMessages } from '../validation/messages.ts';
import { checkConversation, requireModel } from '../validation/model-rules.ts';
import { parseBody } from '../validation/parse.ts';
import { countTokensSchema } from '../validation/schema.ts';
import { readJson } from '../wire/body.ts';
import { ApiError, badRequest } from '../wire/errors.ts';
import type { AppContext } from './env.ts';

const DEFAULT_PAGE = 20;
const MAX_PAGE = 1000;

/** `POST /v1/messages/count_tokens`. */
export const handleCountTokens = async (c: AppContext): Promise<Response> => {
  const request = parseBody(countTokensSchema, await readJson(c.env.incoming), c.get('apiVersion'));
  const model = requireModel(request.model);
  checkConversation(request, model);
  checkMessages(request.messages);
  return c.json({ input_tokens: renderPrefix(request).totalTokens });
};

/** `GET /v1/models`, newest first, in pages. */
export const handleListModels = (c: AppContext): Response => {
  const { after_id, before_id, limit } = c.req.query();
  const size = limit === undefined ? DEFAULT_PAGE : Number(limit);
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE) {
    throw badRequest(`limit: must be a whole number from 1 to ${MAX_PAGE}`);
  }
  const lifecycles = c.req.queries('lifecycle[]') ?? c.req.queries('lifecycle') ?? ['active', 'deprecated'];
  const all = MODELS.map(modelInfo).filter((model) => lifecycles.includes(model.lifecycle));
  const place = (id: string): number => {
    const at = all.findIndex((model) => model.id === id);
    if (at < 0) throw badRequest(`no model "${id}" in this list`);
    return at;
  };
  const from = after_id === undefined ? 0 : place(after_id) + 1;
  const to = before_id === undefined ? all.length : place(before_id);
  const start = before_id === undefined ? from : Math.max(from, to - size);
  const data = all.slice(start, Math.min(to, start + size));
  return c.json({
    data,
    has_more: before_id === undefined ? start + data.length < all.length : start > from,
    first_id: data.at(0)?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  });
};

/** `GET /v1/models/{id}`; dated aliases are resolved. */
export const handleRetrieveModel = (c: AppContext): Response => {
  const id = c.req.param('id') ?? '';
  const model = findModel(id);
  if (model === undefined) throw new ApiError(404, `model: ${id}`);
  return c.json(modelInfo(model));
};
