import { cutText } from '@claude-flow/core/domain/cut-text';

/** A remark on one line of a real file. */
export type Finding = {
  path: string;
  line: number;
  quote: string;
  severity: 'low' | 'medium';
  remark: string;
};

type Check = { pattern: RegExp; severity: Finding['severity']; en: string; de: string };

const LONG_LINE = 110;

const CHECKS: readonly Check[] = [
  {
    pattern: /\beval\(|new Function\(/,
    severity: 'medium',
    en: 'code made from text can run anything; parse instead',
    de: 'aus Text gemachter Code kann alles ausführen; besser zerlegen',
  },
  {
    pattern: /\b(TODO|FIXME|XXX)\b/,
    severity: 'medium',
    en: 'an open end; finish it or write down who will',
    de: 'ein offenes Ende; abschließen oder festhalten, wer es tut',
  },
  {
    pattern: /console\.error\(error\)/,
    severity: 'low',
    en: 'logs the whole error; check that it can hold nothing secret',
    de: 'schreibt den ganzen Fehler ins Protokoll; prüfen, dass nichts Geheimes darin steht',
  },
  {
    pattern: /process\.env\.\w+/,
    severity: 'low',
    en: 'read without a check; a wrong value shows up late',
    de: 'ungeprüft gelesen; ein falscher Wert fällt erst spät auf',
  },
  {
    pattern: /new Map\(\)|new Set\(\)/,
    severity: 'low',
    en: 'grows without a limit while the process lives',
    de: 'wächst ohne Grenze, solange der Prozess lebt',
  },
  {
    pattern: /JSON\.parse\(/,
    severity: 'low',
    en: 'throws on damaged input; see that a caller turns it into a clear message',
    de: 'wirft bei beschädigter Eingabe; der Aufrufer muss eine klare Meldung daraus machen',
  },
  {
    pattern: /^\s*export (async )?function /,
    severity: 'low',
    en: 'part of the public surface; a test should name it',
    de: 'Teil der öffentlichen Oberfläche; ein Test sollte es benennen',
  },
];

/** Lines as they are in the file, whether the tool numbered them (`12\ttext`, `  12: text`) or not. */
const linesOf = (text: string): string[] => {
  const lines = text.split('\n');
  const numbered = /^\s*(\d+)(?:\t|→|[:|] ?)/;
  const all = lines.filter((line) => line.trim() !== '').every((line) => numbered.test(line));
  return all ? lines.map((line) => line.replace(numbered, '')) : lines;
};

const MAX_PER_FILE = 2;

/** Remarks on a file that was read, most serious first. Every line number and quote is from the file itself. */
export const findingsIn = (path: string, text: string, language: 'en' | 'de' | 'es'): Finding[] => {
  const lines = linesOf(text);
  const found: Finding[] = [];
  for (const check of CHECKS) {
    const index = lines.findIndex((line) => check.pattern.test(line));
    const quote = lines[index]?.trim();
    if (quote === undefined) continue;
    found.push({
      path,
      line: index + 1,
      quote: cutText(quote, 80),
      severity: check.severity,
      remark: language === 'de' ? check.de : check.en,
    });
  }
  const long = path.endsWith('.md') ? -1 : lines.findIndex((line) => line.length > LONG_LINE);
  const quote = lines[long]?.trim();
  if (quote !== undefined) {
    const remark = language === 'de' ? 'sehr lange Zeile; umbrechen' : 'very long line; break it';
    found.push({ path, line: long + 1, quote: cutText(quote, 60), severity: 'low', remark });
  }
  return found
    .toSorted((a, b) => Number(b.severity === 'medium') - Number(a.severity === 'medium'))
    .slice(0, MAX_PER_FILE);
};
