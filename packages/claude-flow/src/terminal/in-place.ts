import stringWidth from 'string-width';

/** Begins and ends a frame that terminals which know it show in one go; others ignore it. */
const SYNC = { begin: '\u001b[?2026h', end: '\u001b[?2026l' };
const CURSOR = { hide: '\u001b[?25l', show: '\u001b[?25h' };
const ERASE_LINE_END = '\u001b[K';
const ERASE_BELOW = '\u001b[J';

export interface InPlace {
  /** Replaces what was drawn before, in one write. @param columns the terminal's width now */
  draw(lines: readonly string[], columns: number): void;
  /** Leaves what is drawn where it is and gives the cursor back. */
  done(): void;
}

/** Redraws a block of lines at the bottom of a terminal. Lines must not be wider than it, the block not higher. */
export function createInPlace(write: (text: string) => void): InPlace {
  let drawn: readonly string[] = [];
  let hidden = false;
  return {
    draw(lines, columns) {
      // A terminal made narrower since has broken the old lines into several.
      const height = drawn.reduce(
        (sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / columns)),
        0,
      );
      const up = height === 0 ? '' : `\u001b[${height}A\r`;
      const body = lines.map((line) => `${line}${ERASE_LINE_END}\n`).join('');
      write(`${SYNC.begin}${hidden ? '' : CURSOR.hide}${up}${body}${ERASE_BELOW}${SYNC.end}`);
      drawn = lines;
      hidden = true;
    },
    done() {
      if (hidden) write(CURSOR.show);
      hidden = false;
      drawn = [];
    },
  };
}
