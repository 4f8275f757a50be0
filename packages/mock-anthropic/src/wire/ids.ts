import { createHash, randomBytes } from 'node:crypto';

const random = (): string => randomBytes(12).toString('hex');

/** A request id, also found in the `request-id` header and in every error body. */
export const newRequestId = (): string => `req_sim_${random()}`;

/** Every answer is a new one, even when its content is the same; the prefix says that it is simulated. */
export const newMessageId = (): string => `msg_sim_${random()}`;

/** Part of the conversation once sent back, so the same for the same conversation on every replica. */
export const toolUseId = (prefixHash: string, index: number): string =>
  `toolu_sim_${createHash('sha256').update(`${prefixHash}:${index}`).digest('hex').slice(0, 22)}`;
