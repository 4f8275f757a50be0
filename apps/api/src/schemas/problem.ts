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

const content = { 'application/problem+json': { schema: problem } };

/** What every route can answer. */
const ALWAYS: ProblemCode[] = ['limit_exceeded', 'redis_unavailable'];

/**
 * The refusals of a route, for its description. Several of one status are named together. Handlers throw refusals, they
 * never return them: hence no type.
 */
export function problems(...codes: ProblemCode[]): Record<never, never> {
  const byStatus: Record<number, string[]> = {};
  for (const code of [...codes, ...ALWAYS]) {
    const { status, title } = PROBLEMS[code];
    byStatus[status] = [...(byStatus[status] ?? []), title];
  }
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, titles]) => [status, { description: titles.join('; '), content }]),
  );
}
