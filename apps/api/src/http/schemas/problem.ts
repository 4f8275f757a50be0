import { z } from '@hono/zod-openapi';
import { PROBLEMS, type ProblemCode } from '../errors/problem-codes.ts';

export const problem = z
  .object({
    type: z.string().openapi({ example: 'urn:claude-flow:problem:validation-failed' }),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string(),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    requestId: z.string(),
    error: z.string().openapi({ description: 'The same as title.' }),
    message: z.string().openapi({ description: 'The same as detail: a sentence that says what to do.' }),
    details: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    retryAfter: z.number().optional().openapi({ description: 'Seconds' }),
  })
  .openapi('Problem');

/** What every route can answer. */
const ALWAYS: ProblemCode[] = ['limit_exceeded', 'internal', 'redis_unavailable'];

/** One of each kind, as it looks. */
function exampleOf(code: ProblemCode): z.infer<typeof problem> {
  const { status, title } = PROBLEMS[code];
  const detail = EXAMPLE_SENTENCES[code] ?? `${title}.`;
  const retry = code === 'limit_exceeded' ? 42 : code === 'redis_unavailable' ? 1 : undefined;
  return {
    type: `urn:claude-flow:problem:${code.replaceAll('_', '-')}`,
    title,
    status,
    detail,
    instance: '/api/...',
    code,
    requestId: '3f0b1b4e-6a35-4c11-9d3c-2d1f0f6a7c55',
    error: title,
    message: detail,
    ...(code === 'validation_failed' ? { details: [{ field: 'name', message: 'name is required.' }] } : {}),
    ...(retry === undefined ? {} : { retryAfter: retry }),
  };
}

const EXAMPLE_SENTENCES: Partial<Record<ProblemCode, string>> = {
  authentication_required:
    'Provide valid API key or JWT token: the header X-API-Key: <key>, or Authorization: Bearer <token>.',
  permission_denied: 'This needs the permission swarms:write, which your key or token lacks.',
  swarm_not_found: 'There is no swarm with the id "swarm_mdnsk2o1_4ixwmn7rj".',
  task_not_found: 'This swarm has no task with the id "task_099".',
  agent_not_found: 'This swarm has no agent with the id "agent_099".',
  swarm_state_conflict:
    'The swarm cannot be paused: it is completed. A swarm that has ended stays as it is: create a new one.',
  task_state_conflict:
    'The task cannot be retried: it is running. Only a task that has failed or was cancelled can be.',
  swarm_full: 'The swarm has its 5 agents (maxAgents). Terminate one first.',
  storage_full:
    'Your swarms store 4294960000 bytes of the 4294967296 that they may (STORAGE_PER_OWNER). Delete swarms that you no longer need; finished ones expire by themselves. GET /api/usage names the largest.',
  swarm_too_large:
    'The request has 900000 bytes, and a swarm may store 524288 (STORAGE_PER_SWARM). Split the work over several swarms.',
  validation_failed: 'The request is not valid: name. See details.',
  malformed_json: 'The request body is not valid JSON.',
  body_too_large: 'A request body may have at most 1048576 bytes.',
  unsupported_media_type: 'Send the body as JSON with the header Content-Type: application/json.',
  limit_exceeded: 'At most 100 such requests in 900 s. Try again in 42 s.',
  internal: 'Something went wrong on our side. The request id finds it in the logs.',
  redis_unavailable: 'The store behind this API cannot be reached at the moment. Try again shortly.',
};

/**
 * The refusals of a route, for its description. Several of one status are named together. Handlers throw refusals, they
 * never return them: hence no type.
 */
export function problems(...codes: ProblemCode[]): Record<never, never> {
  const byStatus = new Map<number, ProblemCode[]>();
  // Whatever takes a body refuses one that breaks off, also where it is not looked at.
  const bodies: ProblemCode[] = codes.includes('body_too_large') ? ['malformed_json'] : [];
  for (const code of new Set([...codes, ...bodies, ...ALWAYS])) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, those]) => [
      status,
      {
        description: those.map((code) => PROBLEMS[code].title).join('; '),
        content: {
          'application/problem+json': {
            schema: problem,
            examples: Object.fromEntries(those.map((code) => [code, { value: exampleOf(code) }])),
          },
        },
      },
    ]),
  );
}
