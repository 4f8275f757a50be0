import type { z } from 'zod';
import { badRequest } from '../wire/errors.ts';

/** API versions this server speaks; the second one refuses the sampling parameters altogether. */
const VERSIONS = ['2023-06-01', '2026-10-21'] as const;
export type ApiVersion = (typeof VERSIONS)[number];

const SAMPLING = ['temperature', 'top_p', 'top_k'] as const;

/** The version of a request. @throws ApiError 400 when the header is missing or names an unknown version. */
export const apiVersion = (header: string | undefined): ApiVersion => {
  if (header === undefined || header === '') throw badRequest('anthropic-version: header is required');
  const version = VERSIONS.find((known) => known === header);
  if (version === undefined) {
    throw badRequest(`anthropic-version: "${header}" is not a valid version. Known: ${VERSIONS.join(', ')}.`);
  }
  return version;
};

type Issue = z.core.$ZodIssue;

/** One sentence for an issue, in the `path: message` form of the real API. */
const describe = (issue: Issue): string => {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => (path === '' ? key : `${path}.${key}`));
    return keys.map((key) => `${key}: Extra inputs are not permitted`).join('; ');
  }
  if (issue.code === 'invalid_type' && issue.message.includes('received undefined')) {
    return `${path}: Field required`;
  }
  if (issue.code === 'invalid_union') {
    const deepest = issue.errors
      .flat()
      .toSorted((a, b) => b.path.length - a.path.length)
      .at(0);
    if (deepest !== undefined) return describe({ ...deepest, path: [...issue.path, ...deepest.path] });
  }
  return path === '' ? issue.message : `${path}: ${issue.message}`;
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The sampling parameters: gone in the newer version, ignored at their neutral value in the older one. */
const withoutSampling = (body: Record<string, unknown>, version: ApiVersion): Record<string, unknown> => {
  const rest = { ...body };
  for (const name of SAMPLING) {
    const value = rest[name];
    if (value === undefined) continue;
    if (version === '2026-10-21') throw badRequest(`${name}: Extra inputs are not permitted`);
    if (name === 'top_k' || value !== 1) {
      throw badRequest(`${name}: non-default values are not supported for this model.`);
    }
    delete rest[name];
  }
  return rest;
};

/**
 * Checks a body against a schema.
 * @throws ApiError 400 naming every field that is wrong.
 */
export const parseBody = <T>(schema: z.ZodType<T>, body: unknown, version: ApiVersion): T => {
  if (!isObject(body)) throw badRequest('Input should be a valid JSON object');
  const parsed = schema.safeParse(withoutSampling(body, version));
  if (!parsed.success) throw badRequest(parsed.error.issues.map(describe).join('; '));
  return parsed.data;
};
