import type { ErrorCode } from '@claude-flow/core/domain/errors';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** What only the front door refuses. */
export type ApiErrorCode =
  | 'authentication_required'
  | 'permission_denied'
  | 'origin_not_allowed'
  | 'host_not_allowed'
  | 'route_not_found'
  | 'method_not_allowed'
  | 'malformed_json'
  | 'malformed_request'
  | 'unsupported_media_type'
  | 'body_too_large'
  | 'headers_too_large'
  | 'expectation_failed'
  | 'request_timeout'
  | 'too_many_keys'
  | 'identity_unavailable'
  | 'websocket_disabled'
  | 'upgrade_required'
  | 'swarm_full'
  | 'storage_full'
  | 'swarm_too_large';
export type ProblemCode = ErrorCode | ApiErrorCode;

export interface ProblemKind {
  status: ContentfulStatusCode;
  /** The document's `error`: a few words. */
  title: string;
}

/** Every error of ours as HTTP. Adding a code without a line here does not compile. */
export const PROBLEMS: Record<ProblemCode, ProblemKind> = {
  authentication_required: { status: 401, title: 'Authentication required' },
  permission_denied: { status: 403, title: 'Insufficient permissions' },
  origin_not_allowed: { status: 403, title: 'Origin not allowed' },
  host_not_allowed: { status: 403, title: 'Host not allowed' },
  route_not_found: { status: 404, title: 'Not found' },
  swarm_not_found: { status: 404, title: 'Swarm not found' },
  task_not_found: { status: 404, title: 'Task not found' },
  agent_not_found: { status: 404, title: 'Agent not found' },
  artifact_not_found: { status: 404, title: 'Artifact not found' },
  approval_not_found: { status: 404, title: 'Approval not found' },
  key_not_found: { status: 404, title: 'Key not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  request_timeout: { status: 408, title: 'Request timeout' },
  swarm_state_conflict: { status: 409, title: 'Conflict with the state of the swarm' },
  task_state_conflict: { status: 409, title: 'Conflict with the state of the task' },
  approval_state_conflict: { status: 409, title: 'Conflict with the state of the approval' },
  swarm_full: { status: 409, title: 'Limit of the swarm reached' },
  storage_full: { status: 409, title: 'Storage full' },
  swarm_too_large: { status: 413, title: 'Swarm too large' },
  too_many_keys: { status: 409, title: 'Too many keys' },
  fenced: { status: 409, title: 'Superseded' },
  malformed_request: { status: 400, title: 'Malformed request' },
  malformed_json: { status: 400, title: 'Invalid JSON' },
  validation_failed: { status: 400, title: 'Validation failed' },
  body_too_large: { status: 413, title: 'Request body too large' },
  artifact_too_large: { status: 413, title: 'Artifact too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  expectation_failed: { status: 417, title: 'Expectation failed' },
  idempotency_conflict: { status: 422, title: 'Idempotency key used with another body' },
  upgrade_required: { status: 426, title: 'WebSocket upgrade required' },
  headers_too_large: { status: 431, title: 'Request headers too large' },
  limit_exceeded: { status: 429, title: 'Rate limit exceeded' },
  redis_unavailable: { status: 503, title: 'Service temporarily unavailable' },
  identity_unavailable: { status: 503, title: 'Identity provider unavailable' },
  websocket_disabled: { status: 503, title: 'WebSocket is turned off' },
  model_unavailable: { status: 503, title: 'Model unavailable' },
  model_rejected: { status: 502, title: 'Model rejected the request' },
  model_refused: { status: 502, title: 'Model refused the request' },
  task_timeout: { status: 504, title: 'Task execution timeout' },
  // What follows belongs to workers and to starting up; met in a request, it is our own mistake.
  turn_limit: { status: 500, title: 'Internal error' },
  no_result: { status: 500, title: 'Internal error' },
  no_progress: { status: 500, title: 'Internal error' },
  worker_lost: { status: 500, title: 'Internal error' },
  poison: { status: 500, title: 'Internal error' },
  config_invalid: { status: 500, title: 'Internal error' },
  port_taken: { status: 500, title: 'Internal error' },
  internal: { status: 500, title: 'Internal error' },
};
