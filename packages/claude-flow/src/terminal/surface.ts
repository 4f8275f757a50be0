import type { WriteStream } from 'node:tty';

export interface Surface {
  /** The output can be redrawn in place. */
  live: boolean;
  colours: boolean;
  /** Infinity where there is no terminal. */
  columns: number;
  rows: number;
}

/** Sizes that some terminals report as 0. */
const USUAL = { columns: 80, rows: 24 };

/** What an output stream can show. NO_COLOR switches colours off, TERM=dumb and CI redrawing too. */
export function surfaceOf(
  stream: Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>,
  env: NodeJS.ProcessEnv,
): Surface {
  const terminal = stream.isTTY === true && env['TERM'] !== 'dumb';
  return {
    live: terminal && (env['CI'] ?? '') === '',
    colours: terminal && (env['NO_COLOR'] ?? '') === '',
    columns: terminal ? stream.columns || USUAL.columns : Number.POSITIVE_INFINITY,
    rows: terminal ? stream.rows || USUAL.rows : Number.POSITIVE_INFINITY,
  };
}
