import { cutText } from '@claude-flow/core/domain/cut-text';
import type { ArtifactEntry } from '@claude-flow/core/domain/task';
import type { Submission } from '../tools/submit-result.ts';

/**
 * What a result says that the files do not bear out, in sentences for the swarm's log. Words are read with care, for a warning that
 * is wrong makes the others worthless: only what stands right behind a verb of making counts as a claim.
 * @param mayWrite the task had a tool to write with
 * @param artifacts the files that the task changed
 * @param there says whether a file is in the workspace at all
 */
export function doubtsOf(
  { summary, output }: Pick<Submission, 'summary' | 'output'>,
  files: { mayWrite: boolean; artifacts: readonly ArtifactEntry[]; there: (path: string) => boolean },
): string[] {
  const text = `${summary}\n${cutText(output, READ_CHARS)}`;
  const claimed = claimedPaths(text);
  const changed = new Set(files.artifacts.map(({ path }) => path));
  const missing = claimed.filter((path) => !isAmong(path, changed) && !files.there(path));
  if (missing.length > 0 && !files.mayWrite) {
    return [
      `Its result says that it made ${listed(missing)}, but the task had no permission to write files, and there is no such file. Give it "write" in requirements.permissions if it is to make files.`,
    ];
  }
  const doubts =
    missing.length === 0
      ? []
      : [`Its result says that it made ${listed(missing)}, but there is no such file.`];
  if (files.mayWrite && files.artifacts.length === 0 && missing.length === 0 && claims(text)) {
    doubts.push('Its result says that it wrote something, but the task changed no file.');
  }
  return doubts;
}

/** Characters of the output that are read: what follows is the work itself rather than a report about it. */
const READ_CHARS = 2_000;

const MADE =
  '(?:wrote|written|created|added|saved|generated|implemented|updated|produced|put|stored|geschrieben|erstellt|angelegt|ergänzt|gespeichert)';
const BETWEEN =
  '(?:(?:down|to|in|into|as|at|the|a|an|new|file|files|both|auf|in|als|die|der|das|datei|dateien)\\s+)*';
const PATH = '[`"\'“„*]*((?:[\\w@.-]+/)*[\\w@-][\\w@.-]*\\.[A-Za-z][A-Za-z0-9]{0,7})[`"\'”“*]*';
const NEXT = new RegExp(`^\\s*(?:,|and|und|&)+\\s*(?:and|und)?\\s*${PATH}`, 'i');
/** A file's ending is not enough to make one of these a path. */
const NO_PATH = /^(?:node|next|vue|express|react|d3|three|e\.g|i\.e|z\.b|u\.a)(?:\.js|\.ts)?$/i;

/** `wrote src/a.ts, src/b.ts and README.md`, and `src/a.ts was written`. */
function claimedPaths(text: string): string[] {
  const paths = new Set<string>();
  for (const match of text.matchAll(new RegExp(`\\b${MADE}:?\\s+${BETWEEN}${PATH}`, 'gi'))) {
    let rest = text.slice(match.index + match[0].length);
    for (let path = match[1]; path !== undefined; ) {
      paths.add(path);
      const next = NEXT.exec(rest);
      path = next?.[1];
      rest = rest.slice(next?.[0].length ?? 0);
    }
  }
  for (const match of text.matchAll(
    new RegExp(`${PATH}\\s+(?:was|were|is|are|has been|wurde)\\s+${MADE}\\b`, 'gi'),
  )) {
    if (match[1] !== undefined) paths.add(match[1]);
  }
  return [...paths].map((path) => path.replace(/^\.\//, '')).filter((path) => !NO_PATH.test(path));
}

/** Files in words: "wrote the tests", "I created a file". */
const WROTE =
  /\b(?:wrote|(?:have|has|was|were|been|is|are) written|(?:created|added|saved|generated|updated) (?:the |a |an |new |all |\d+ |two |three |several )*(?:\w+ )?files?)\b|\bgeschrieben\b/i;

function claims(text: string): boolean {
  return claimedPaths(text).length > 0 || WROTE.test(text);
}

function isAmong(path: string, paths: ReadonlySet<string>): boolean {
  return (
    paths.has(path) || [...paths].some((other) => other.endsWith(`/${path}`) || path.endsWith(`/${other}`))
  );
}

/** Paths named in one sentence. */
const NAMED = 5;

function listed(paths: readonly string[]): string {
  const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : '';
  return `${paths.slice(0, NAMED).join(', ')}${more}`;
}
