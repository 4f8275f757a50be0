export { ClaudeFlowApiError, type ErrorDetail } from './api-error.ts';
export {
  type CallOptions,
  ClaudeFlowClient,
  type ClientOptions,
  type CreateOptions,
  type ListOptions,
} from './client.ts';
export type { EventStreamOptions } from './event-stream.ts';
export { type MonitorOptions, SwarmMonitor } from './monitor.ts';
export {
  eventOfMessage,
  type MonitorMessage,
  type MonitorMessages,
  type ServerMessages,
  type SwarmEventMessage,
} from './monitor-messages.ts';
export type { PageOptions } from './pages.ts';
export type * from './types.ts';
export type * from './types-agents.ts';
export type * from './types-approvals.ts';
export * from './types-events.ts';
export type * from './types-keys.ts';
export type * from './types-results.ts';
export type * from './types-tasks.ts';
