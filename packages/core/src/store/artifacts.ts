import { createHash } from 'node:crypto';
import type { ArtifactEntry } from '../domain/task.ts';
import { type Ledger, transition } from './ledger.ts';
import type { TaskClaim } from './task-claim.ts';

/** One file may be this large, in bytes. */
export const MAX_ARTIFACT_BYTES = 8 * 1024 * 1024;
/** All different file contents of one swarm together, in bytes, in the Redis driver. */
export const MAX_SWARM_ARTIFACT_BYTES = 64 * 1024 * 1024;

export function artifactDigest(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * Keeps a file's content under its digest. The same content is kept once. A content that neither a result nor an
 * unfinished task needs is freed.
 * @param announce emits `artifact.stored`; leave it out for mere checkpoints
 * @throws ClaudeFlowError `fenced`, `artifact_too_large`
 */
export async function storeArtifact(
  ledger: Ledger,
  claim: TaskClaim,
  file: { path: string; mode: number; content: Buffer },
  announce: boolean,
): Promise<ArtifactEntry> {
  const entry = {
    path: file.path,
    digest: artifactDigest(file.content),
    size: file.content.length,
    mode: file.mode,
  };
  const told = announce ? JSON.stringify({ path: entry.path, size: entry.size, digest: entry.digest }) : '';
  await keepContent(ledger, claim, { digest: entry.digest, content: file.content, keep: false }, told);
  return entry;
}

/**
 * Keeps content that is no file of the agent's.
 * @param content.keep for as long as the swarm; else until the task has ended and its result does not name the digest
 * @throws ClaudeFlowError `fenced`, `artifact_too_large`
 */
export async function keepContent(
  ledger: Ledger,
  claim: TaskClaim,
  content: { digest: string; content: Buffer; keep: boolean },
  announce = '',
): Promise<void> {
  await transition(
    ledger,
    'store-artifact',
    { swarmId: claim.swarmId },
    {
      taskId: claim.taskId,
      token: claim.token,
      digest: content.digest,
      content: content.content,
      limitBytes: MAX_SWARM_ARTIFACT_BYTES,
      announce,
      keep: content.keep ? 1 : 0,
    },
  );
}

/** @returns the content, or undefined when the swarm holds none under this digest */
export async function readArtifact(
  ledger: Ledger,
  swarmId: string,
  digest: string,
): Promise<Buffer | undefined> {
  const content = await ledger.redis.hgetBuffer(ledger.keys.swarm(swarmId, 'blobs'), digest);
  return content ?? undefined;
}
