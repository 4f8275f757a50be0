import type { ArtifactEntry } from '@claude-flow/core/domain/task';
import { readArtifact } from '@claude-flow/core/store/artifacts';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { pack } from 'tar-stream';

export interface ArchivedFile {
  /** Where it lies in the archive. Not trusted: it comes from agents. */
  name: string;
  entry: Pick<ArtifactEntry, 'digest' | 'mode'>;
  /** Of the task's result. */
  at: Date;
}

/**
 * The files as a tar stream, read one at a time as the reader takes them; a note, when there is one, comes first. Files that are gone when
 * their turn comes are left out; an error ends the stream before its end mark, so that no half archive looks whole.
 */
export function archiveOf(
  ledger: Ledger,
  swarmId: string,
  files: readonly ArchivedFile[],
  note?: { name: string; text: string; at: Date },
): ReadableStream {
  const tar = pack();
  const write = async () => {
    if (note !== undefined) tar.entry({ name: archiveName(note.name), mtime: note.at }, note.text);
    for (const { name, entry, at } of files) {
      if (tar.destroyed) return;
      const content = await ledger.largeReads(swarmId, () => readArtifact(ledger, swarmId, entry.digest));
      if (content === undefined) continue;
      const header = { name: archiveName(name), mode: entry.mode & 0o777, mtime: at };
      await new Promise<void>((resolve, reject) => {
        // A reader that went away is no reason to wait for ever.
        const left = () => resolve();
        tar.once('close', left);
        tar.entry(header, content, (error) => {
          tar.off('close', left);
          if (error) reject(error);
          else resolve();
        });
      });
    }
    tar.finalize();
  };
  write().catch((error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))));
  return ReadableStream.from<Uint8Array>(tar as AsyncIterable<Uint8Array>);
}

/** Relative, whatever the path says: an archive must not reach out of where it is unpacked. */
export function archiveName(path: string): string {
  const parts = path
    .split(/[/\\]/)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no name needs them, and terminals obey them
    .map((part) => part.replace(/[\u0000-\u001f\u007f:]/g, '_'))
    .filter((part) => part !== '' && part !== '.' && part !== '..');
  return parts.length === 0 ? 'file' : parts.join('/');
}
