import { type CheckedIssue, issueSentence } from '@claude-flow/core/contracts/issue-sentence';
import { cutText } from '@claude-flow/core/domain/cut-text';
import type { ErrorDetail } from '@claude-flow/core/domain/errors';
import { inSlices } from '@claude-flow/core/runtime/in-slices';
import type { Hook } from '@hono/zod-openapi';
import type { AppEnv } from '../app-env.ts';
import { ApiError } from '../errors/api-error.ts';
import { textFaults } from '../schemas/text-faults.ts';

/** More faults than anybody reads; a body of a megabyte can have half a million. */
const MAX_DETAILS = 100;
/** Fields named in the sentence. */
const MAX_NAMED = 20;
/** Characters of a field's name or a message, which repeat what was sent. */
const MAX_DETAIL_TEXT = 300;

/** Refuses a request with all its faults at once, each with the name of its field. */
export const refuseInvalid: Hook<unknown, AppEnv, string, Promise<void>> = async (result, c) => {
  const issues: CheckedIssue[] = result.success ? [] : result.error.issues;
  const details = issues.slice(0, MAX_DETAILS).map((issue): ErrorDetail => {
    const field = short([...issue.path, ...unknownKey(issue)].map(String).join('.'));
    return { field: field === '' ? '(body)' : field, message: short(issueSentence(issue, field)) };
  });
  if (result.target === 'json') {
    const known = new Set(details.map(({ field }) => field));
    const body: unknown = await c.req.json().catch(() => undefined);
    const texts = (await inSlices(textFaults(body))).map(({ field, message }) => ({
      field: short(field),
      message,
    }));
    const misspelt = c.get('fieldFaults')?.(body) ?? [];
    details.push(...[...texts, ...misspelt].filter(({ field }) => !known.has(field)));
  }
  if (details.length === 0) return;
  const left = issues.length - MAX_DETAILS;
  // A long list is not looked at beyond so many faults.
  const perhaps = left === 0 ? ', and perhaps more' : '';
  const more = left > 0 ? `, and ${left} faults more` : perhaps;
  const fields = [...new Set(details.map(({ field }) => field))].slice(0, MAX_NAMED).join(', ') + more;
  throw new ApiError('validation_failed', `The request is not valid: ${fields}. See details.`, { details });
};

/** A field that is not known is named like one that has a fault. */
function unknownKey(issue: CheckedIssue): string[] {
  const keys: unknown = Object.entries(issue).find(([name]) => name === 'keys')?.[1];
  return Array.isArray(keys) && keys.length === 1 ? [String(keys[0])] : [];
}

function short(text: string): string {
  return cutText(text, MAX_DETAIL_TEXT, '...');
}
