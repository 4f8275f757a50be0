import type { ErrorDetail } from '@claude-flow/core/domain/errors';
import type { Hook } from '@hono/zod-openapi';
import type { AppEnv } from '../app-env.ts';
import { ApiError } from '../errors/api-error.ts';
import { textFaults } from '../schemas/text-faults.ts';

interface Issue {
  path: PropertyKey[];
  message: string;
}

/** Refuses a request with all its faults at once, each with the name of its field. */
export const refuseInvalid: Hook<unknown, AppEnv, string, Promise<void>> = async (result, c) => {
  const issues: Issue[] = result.success ? [] : result.error.issues;
  const details = issues.map((issue): ErrorDetail => {
    const field = issue.path.map(String).join('.');
    return { field: field === '' ? '(body)' : field, message: sentence(issue, field) };
  });
  if (result.target === 'json') {
    const known = new Set(details.map(({ field }) => field));
    const body: unknown = await c.req.json().catch(() => undefined);
    details.push(...textFaults(body).filter(({ field }) => !known.has(field)));
  }
  if (details.length === 0) return;
  const fields = [...new Set(details.map(({ field }) => field))].join(', ');
  throw new ApiError('validation_failed', `The request is not valid: ${fields}. See details.`, { details });
};

/** Zod's own words name no field. */
function sentence({ message }: Issue, field: string): string {
  if (/received undefined$/.test(message)) return `${field} is required.`;
  return message
    .replace(/^Invalid (input|option): /, `${field}: `)
    .replace(/^Too (small|big): /, `${field}: `);
}
