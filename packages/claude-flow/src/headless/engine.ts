import type { RunningApi } from '@claude-flow/api/start-api';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import type { HttpCalls } from './http-calls.ts';

/** What the faces of this folder work on: the running API's connections, and what the system adds. */
export interface Engine {
  api: RunningApi;
  calls: HttpCalls;
  /** @throws ClaudeFlowError `limit_exceeded` while no new swarm is taken */
  admit(): void;
}

export function notConnected(what: string): ClaudeFlowError {
  return new ClaudeFlowError(
    'config_invalid',
    `This ${what} belongs to no running system. Give it to a HeadlessSystem and call start() first.`,
  );
}
