import { ClaudeFlowError } from '../domain/errors.ts';
import { INLINE_LIMIT_BYTES } from '../runtime/tunables.ts';
import { artifactDigest, keepContent, readArtifact } from './artifacts.ts';
import type { Ledger } from './ledger.ts';
import type { TaskClaim } from './task-claim.ts';

/** What stands in the ledger in place of a JSON text that lies among the swarm's file contents. */
interface Reference {
  stored: { digest: string; size: number };
}

/**
 * A text as it is to be written into the ledger: itself, or a reference when it is large. The same text always gives the
 * same answer, so that a repeated write is recognised.
 * @param keep for as long as the swarm; else until the task has ended and its result does not name the digest
 * @throws ClaudeFlowError `fenced`, `artifact_too_large`
 */
export async function inlineOrStored(
  ledger: Ledger,
  claim: TaskClaim,
  json: string,
  keep: boolean,
): Promise<{ json: string; digest?: string }> {
  if (json.length <= INLINE_LIMIT_BYTES / 3) return { json };
  const content = Buffer.from(json);
  if (content.length <= INLINE_LIMIT_BYTES) return { json };
  const digest = artifactDigest(content);
  await keepContent(ledger, claim, { digest, content, keep });
  const reference: Reference = { stored: { digest, size: content.length } };
  return { json: JSON.stringify(reference), digest };
}

/** The value that was written: read from among the file contents when it was large. */
export async function readValue<Value>(ledger: Ledger, swarmId: string, json: string): Promise<Value> {
  const value = JSON.parse(json) as Value | Reference;
  if (typeof value !== 'object' || value === null || !('stored' in value)) return value as Value;
  const { digest } = (value as Reference).stored;
  const content = await readArtifact(ledger, swarmId, digest);
  if (content === undefined) {
    throw new ClaudeFlowError(
      'internal',
      `The ledger refers to content ${digest} that ${swarmId} does not hold.`,
    );
  }
  return JSON.parse(content.toString('utf8')) as Value;
}
