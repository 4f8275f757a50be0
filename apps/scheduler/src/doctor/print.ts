import { describe, type Found, identity } from './found.ts';

export type FoundState = 'found' | 'repaired' | 'left';

/** What is printed of each finding, most telling first. */
export function linesOf(
  found: readonly Found[],
  stateOf: (found: Found) => FoundState,
): Record<string, string>[] {
  return found.map((one) => ({ state: stateOf(one), ...describe(one) }));
}

export function stateIn(left: readonly Found[]): (found: Found) => FoundState {
  const still = new Set(left.map(identity));
  return (found) => (still.has(identity(found)) ? 'left' : 'repaired');
}

/** Columns as wide as their longest cell, two blanks apart. */
export function table(rows: readonly Record<string, string>[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const width = (column: string) => Math.max(column.length, ...rows.map((row) => row[column]?.length ?? 0));
  const widths = new Map(columns.map((column) => [column, width(column)]));
  const print = (cells: (column: string) => string) =>
    columns
      .map((column) => cells(column).padEnd(widths.get(column) ?? 0))
      .join('  ')
      .trimEnd();
  return [print((column) => column), ...rows.map((row) => print((column) => row[column] ?? ''))].join('\n');
}
