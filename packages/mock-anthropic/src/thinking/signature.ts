import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { ModelSpec } from '../models/catalogue.ts';
import type { Prefix } from '../tokens/prefix.ts';
import { blocksOf } from '../validation/messages.ts';
import type { Conversation } from '../validation/schema.ts';
import { badRequest } from '../wire/errors.ts';

/** Signs thinking blocks and checks them when they come back. */
export type ThinkingSigner = {
  sign: (model: ModelSpec, boundTo: string, thinking: string) => string;
  /**
   * Blocks of another model are passed over, as the real API drops them silently.
   * @throws ApiError 400 when a block, or anything before it, is not what this server sent or saw.
   */
  verify: (request: Conversation, model: ModelSpec, prefix: Prefix) => void;
};

const modelMark = (model: ModelSpec): string =>
  createHash('sha256').update(model.id).digest('base64url').slice(0, 8);

const equal = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** The key comes from the seed, so that replicas with one seed accept each other's blocks. */
export const createThinkingSigner = (seed: string): ThinkingSigner => {
  const key = createHash('sha256').update(`thinking signature ${seed}`).digest();
  // Models from before the binding sign the block alone.
  const sign: ThinkingSigner['sign'] = (model, boundTo, thinking) => {
    const mac = createHmac('sha256', key)
      .update(JSON.stringify([model.id, model.bindsThinking ? boundTo : '', thinking]))
      .digest('base64url');
    return `sim1.${modelMark(model)}.${mac}`;
  };
  return {
    sign,
    verify: (request, model, prefix) => {
      for (const [index, message] of request.messages.entries()) {
        for (const [at, block] of blocksOf(message).entries()) {
          if (block.type !== 'thinking') continue;
          const [format, mark] = block.signature.split('.');
          if (format === 'sim1' && mark !== undefined && mark.length === 8 && mark !== modelMark(model))
            continue;
          const expected = sign(model, prefix.beforeMessage[index] ?? '', block.thinking);
          if (!equal(expected, block.signature)) {
            throw badRequest(`messages.${index}.content.${at}: Invalid \`signature\` in \`thinking\` block`);
          }
        }
      }
    },
  };
};
