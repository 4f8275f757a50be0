/**
 * The Markdown table that follows the comment `<!-- <name>: ... -->`, as row name -> column name -> cell.
 * A table that the tests read cannot grow untrue.
 */
export function readDocTable(markdown: string, name: string): Map<string, Map<string, string>> {
  const after = markdown.split(`<!-- ${name}:`)[1];
  if (after === undefined) throw new Error(`The document has no table marked ${name}`);
  const lines = after.split('\n').slice(1);
  const end = lines.findIndex((line) => !line.startsWith('|'));
  const [header, , ...rows] = lines.slice(0, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const columns = (header ?? []).slice(1);
  return new Map(
    rows.map(([row = '', ...cells]) => [row, new Map(columns.map((column, i) => [column, cells[i] ?? '']))]),
  );
}
