import { randomInt } from 'node:crypto';

/** `swarm_<time in base 36>_<9 base-36 characters>`, e.g. `swarm_mdnsk2o1_4ixwmn7rj`. */
export type SwarmId = string;
/** `task_001`; unique within its swarm, numbered in the order of creation. */
export type TaskId = string;
/** `agent_001`; unique within its swarm. */
export type AgentId = string;

/** `key_` and 24 hex characters of the digest of the key that it names: found by the key, and tells nothing of it. */
export type ApiKeyId = string;

/** Checked before any Redis key is built from a caller's text. */
export const SWARM_ID_PATTERN = /^swarm_[0-9a-z]{1,12}_[0-9a-z]{9}$/;
export const TASK_ID_PATTERN = /^task_[0-9]{3,9}$/;
export const AGENT_ID_PATTERN = /^agent_[0-9]{3,9}$/;
const API_KEY_ID_PATTERN = /^key_[0-9a-f]{24}$/;

/** Characters of the longest id that these allow. */
export const MAX_ID_LENGTHS = { swarm: 28, task: 14, agent: 15, apiKey: 28 } as const;

const BASE36 = '0123456789abcdefghijklmnopqrstuvwxyz';

/** @param now milliseconds since 1970; makes ids sort roughly by age. */
export function newSwarmId(now: number): SwarmId {
  let random = '';
  for (let i = 0; i < 9; i += 1) random += BASE36.charAt(randomInt(36));
  return `swarm_${now.toString(36)}_${random}`;
}

/** When an id was made, milliseconds since 1970. @param id one of `newSwarmId` */
export function swarmIdTime(id: SwarmId): number {
  return Number.parseInt(id.split('_')[1] ?? '', 36);
}

export function taskId(sequence: number): TaskId {
  return `task_${String(sequence).padStart(3, '0')}`;
}

export function agentId(number: number): AgentId {
  return `agent_${String(number).padStart(3, '0')}`;
}

export function isSwarmId(text: string): text is SwarmId {
  return SWARM_ID_PATTERN.test(text);
}

export function isAgentId(text: string): text is AgentId {
  return AGENT_ID_PATTERN.test(text);
}

export function isTaskId(text: string): text is TaskId {
  return TASK_ID_PATTERN.test(text);
}

export function isApiKeyId(text: string): text is ApiKeyId {
  return API_KEY_ID_PATTERN.test(text);
}

/** The BullMQ job that delivers one attempt of one task. A repeated add of the same id is a no-op. */
export function taskJobId(swarmId: SwarmId, task: TaskId, attempt: number): string {
  return `${swarmId}.${task}.${attempt}`;
}
