export { ClaudeFlowApiError, type ErrorDetail } from './api-error.ts';
export { type CallOptions, ClaudeFlowClient, type ClientOptions } from './client.ts';
export type { EventStreamOptions } from './event-stream.ts';
export { type MonitorOptions, SwarmMonitor } from './monitor.ts';
export {
  eventOfMessage,
  type MonitorMessage,
  type MonitorMessages,
  type ServerMessages,
  type SwarmEventMessage,
} from './monitor-messages.ts';
export * from './types.ts';
export * from './types-keys.ts';
