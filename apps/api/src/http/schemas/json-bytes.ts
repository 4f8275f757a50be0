import type { z } from '@hono/zod-openapi';

/** Refuses a value that is more than so many bytes as JSON. @param name the field's, for the sentence @returns whether it is taken */
export function withinBytes(
  name: string,
  value: unknown,
  max: number,
  context: Pick<z.core.$RefinementCtx, 'addIssue'>,
): boolean {
  const bytes = Buffer.byteLength(JSON.stringify(value) ?? '');
  if (bytes <= max) return true;
  const message = `${name} may have at most ${max} bytes as JSON; it has ${bytes}.`;
  context.addIssue({ code: 'custom', message });
  return false;
}
