import { describe, expect, it } from 'vitest';
import { safeLine, safeText } from './safe-text.ts';

const BEL = '\u0007';
const ESC = '\u001b';

describe('foreign text for a terminal', () => {
  it.each([
    ['colours', `${ESC}[31mred${ESC}[0m`, 'red'],
    ['a title', `${ESC}]0;owned${BEL}text`, 'text'],
    ['the clipboard', `${ESC}]52;c;ZWNobyBoaQ==${BEL}text`, 'text'],
    ['C1 controls', '\u009b2Jtext\u0085', 'text'],
    ['a lone escape', `a${ESC}b`, 'ab'],
    ['backspaces', 'rm -rf\b\b\b\b\b\bls', 'rm -rfls'],
    ['right-to-left overrides', 'a\u202egpj.exe', 'agpj.exe'],
    ['line breaks', 'a\r\n\tb', 'a b'],
    ['half a surrogate pair', 'a\ud800b', 'a\ufffdb'],
    ['ordinary text', 'Größe 日本 👩‍👧', 'Größe 日本 👩‍👧'],
  ])('%s', (_name, text, safe) => {
    expect(safeLine(text)).toBe(safe);
  });

  it('leaves no control character of any kind', () => {
    const all = Array.from({ length: 0x2100 }, (_, code) => String.fromCharCode(code)).join('');
    expect(safeLine(all)).not.toMatch(/\p{Cc}/u);
    expect(safeText(all).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  it('keeps the lines of longer text', () => {
    expect(safeText(`one${ESC}[2J\r\n\ttwo  \n\n`)).toBe('one\n  two');
  });
});
