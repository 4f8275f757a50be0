/** Colours by role; each function returns plain text when colours are off. */
export interface Palette {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  active(text: string): string;
}

const sgr = (on: number, off: number) => (text: string) => `\u001b[${on}m${text}\u001b[${off}m`;
const plain = (text: string) => text;

export function palette(colours: boolean): Palette {
  if (!colours) return { bold: plain, dim: plain, good: plain, bad: plain, warn: plain, active: plain };
  return {
    bold: sgr(1, 22),
    dim: sgr(2, 22),
    good: sgr(32, 39),
    bad: sgr(31, 39),
    warn: sgr(33, 39),
    active: sgr(36, 39),
  };
}
