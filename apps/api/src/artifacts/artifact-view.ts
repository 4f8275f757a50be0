import type { ArtifactEntry } from '@claude-flow/core/domain/task';

const DIAGRAM = /\.(png|jpe?g|gif|webp|svg|mmd|mermaid|puml|plantuml|dot|drawio|excalidraw)$/i;
const DOCUMENT = /\.(md|markdown|txt|rst|adoc|pdf|docx?|odt|html?|csv)$/i;

/** Where a file can be fetched, from this server's root. */
export function artifactUrl(swarmId: string, taskId: string, path: string): string {
  return `/api/swarm/${swarmId}/artifacts/${taskId}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

export function fileView(swarmId: string, taskId: string, entry: ArtifactEntry) {
  const { path, size, digest } = entry;
  return { path, size, digest, url: artifactUrl(swarmId, taskId, path) };
}

/** `artifacts[task]` of the document: names sorted by what they are, and every file with its address. */
export function taskArtifactsView(
  swarmId: string,
  task: { id: string; key: string },
  entries: readonly ArtifactEntry[],
) {
  const named = (pattern: RegExp) => entries.map((entry) => entry.path).filter((path) => pattern.test(path));
  return {
    key: task.key,
    diagrams: named(DIAGRAM),
    documents: named(DOCUMENT),
    files: entries.map((entry) => fileView(swarmId, task.id, entry)),
  };
}
