/** A usual fault in a snippet, with its mend. */
type Repair = {
  /** Tested on every line. `g` is not set: one mend a line and fault. */
  pattern: RegExp;
  mend: string | ((line: string, match: RegExpExecArray) => string);
  why: { en: string; de: string; es: string };
  only?: 'python' | 'javascript';
};

const COLON =
  /^(\s*(?:(?:async\s+)?def\s+\w+\s*\([^)]*\)|class\s+\w+(?:\([^)]*\))?|(?:if|elif|while|for)\s+[^:]+|else|try|finally))\s*$/;

const REPAIRS: readonly Repair[] = [
  {
    pattern: /(\b\w+\s*)<=(\s*[\w.]+\.length\b)/,
    mend: (line, [all, left = '', right = '']) => line.replace(all, `${left}<${right}`),
    why: {
      en: 'The last index is length - 1: with <= the loop reads one element too many.',
      de: 'Der letzte Index ist length - 1: mit <= liest die Schleife ein Element zu viel.',
      es: 'El último índice es length - 1: con <= el bucle lee un elemento de más.',
    },
  },
  {
    pattern: /\.lenght\b/,
    mend: '.length',
    why: {
      en: 'The property is called length.',
      de: 'Die Eigenschaft heißt length.',
      es: 'La propiedad se llama length.',
    },
  },
  {
    pattern: /(\b(?:if|while)\s*\(\s*[\w.[\]]+\s*)=(?![=>])(\s*[^=()]+\))/,
    mend: (line, [all, left = '', right = '']) => line.replace(all, `${left}===${right}`),
    why: {
      en: 'A single = assigns instead of comparing; === compares.',
      de: 'Ein einzelnes = weist zu, statt zu vergleichen; === vergleicht.',
      es: 'Un solo = asigna en vez de comparar; === compara.',
    },
    only: 'javascript',
  },
  {
    pattern: /^(\s*(?:if|elif|while)\s+[\w.[\]'"]+\s*)=(?!=)(\s*[^=:]+:)/,
    mend: (line, [all, left = '', right = '']) => line.replace(all, `${left}==${right}`),
    why: {
      en: 'A single = assigns and is no condition; == compares.',
      de: 'Ein einzelnes = weist zu und ist keine Bedingung; == vergleicht.',
      es: 'Un solo = asigna y no es una condición; == compara.',
    },
    only: 'python',
  },
  {
    pattern: /^(\s*)print\s+(?!\()(.+)$/,
    mend: (_line, [, indent = '', rest = '']) => `${indent}print(${rest})`,
    why: {
      en: 'In Python 3 print is a function: it needs parentheses.',
      de: 'In Python 3 ist print eine Funktion und braucht Klammern.',
      es: 'En Python 3 print es una función: necesita paréntesis.',
    },
    only: 'python',
  },
  {
    pattern: COLON,
    mend: (_line, [, head = '']) => `${head}:`,
    why: {
      en: 'The line begins a block and needs a colon at its end.',
      de: 'Die Zeile beginnt einen Block und braucht am Ende einen Doppelpunkt.',
      es: 'La línea abre un bloque y necesita dos puntos al final.',
    },
    only: 'python',
  },
  {
    pattern: /range\(\s*len\((\w+)\)\s*\+\s*1\s*\)/,
    mend: (line, [all, name = '']) => line.replace(all, `range(len(${name}))`),
    why: {
      en: 'range(len(x) + 1) runs one index too far.',
      de: 'range(len(x) + 1) läuft einen Index zu weit.',
      es: 'range(len(x) + 1) llega un índice demasiado lejos.',
    },
    only: 'python',
  },
  {
    pattern: /^(\s*def\s+\w+\s*\([^)]*\b\w+\s*=\s*)(?:\[\]|\{\})/,
    mend: (line, [all, head = '']) => line.replace(all, `${head}None`),
    why: {
      en: 'A default list or dictionary is made once and shared by all calls: None is the default now, and the function has to make a new one.',
      de: 'Eine Liste als Vorgabe entsteht einmal und gehört allen Aufrufen: Vorgabe ist jetzt None, und die Funktion muss eine neue anlegen.',
      es: 'Una lista por defecto se crea una vez y la comparten todas las llamadas: ahora es None, y la función debe crear una nueva.',
    },
    only: 'python',
  },
];

/** A function whose name says another operation than it does. */
const NAMED: ReadonlyArray<[RegExp, string]> = [
  [/^(?:add|sum|plus|addiere|suma)/i, '+'],
  [/^(?:sub|minus|diff|subtrahiere|resta)/i, '-'],
  [/^(?:mul|times|product|multipliziere|multiplica)/i, '*'],
  [/^(?:div|quotient|dividiere|divide)/i, '/'],
];

const misnamed = (code: string): { from: string; to: string; name: string } | undefined => {
  for (const match of code.matchAll(
    /\b(?:def|function|const|let)\s+(\w+)[^\n]*?[({=][\s\S]{0,80}?(?:return|=>)\s+(\w+)\s*([-+*/])\s*(\w+)/g,
  )) {
    const [all, name = '', left = '', operator = '', right = ''] = match;
    const meant = NAMED.find(([pattern]) => pattern.test(name))?.[1];
    if (meant === undefined || meant === operator) continue;
    const tail = /(\w+)\s*[-+*/]\s*(\w+)$/.exec(all)?.[0] ?? '';
    return { from: all, to: `${all.slice(0, all.length - tail.length)}${left} ${meant} ${right}`, name };
  }
  return undefined;
};

export type Mended = {
  line: number;
  before: string;
  after: string;
  why: { en: string; de: string; es: string };
};

/** Python or JavaScript, by the words that only one of them has. */
export const codeLanguage = (code: string): 'python' | 'javascript' =>
  /^\s*(def|elif|class)\b|^\s*(if|for|while)\b[^({]*:?\s*$|\bprint\b(?!ln)|^\s*(from|import)\s+\w+\s*$|:\s*return\b/m.test(
    code,
  ) && !/[{};]\s*$|\bfunction\b|\bconst\b|\blet\b|=>/m.test(code)
    ? 'python'
    : 'javascript';

/** The snippet without the usual faults that it shows, and what was done to which line. */
export const mendCode = (code: string): { code: string; mended: Mended[] } => {
  const language = codeLanguage(code);
  const mended: Mended[] = [];
  const lines = code.split('\n').map((original, index) => {
    let line = original;
    for (const { pattern, mend, why, only } of REPAIRS) {
      const match = only === undefined || only === language ? pattern.exec(line) : null;
      if (match === null) continue;
      const before = line;
      line = typeof mend === 'string' ? line.replace(pattern, mend) : mend(line, match);
      mended.push({ line: index + 1, before: before.trim(), after: line.trim(), why });
    }
    return line;
  });
  let result = lines.join('\n');
  const named = misnamed(result);
  if (named !== undefined) {
    const at = result.indexOf(named.from) + named.from.length;
    const line = result.slice(0, at).split('\n').length;
    const before = result.split('\n')[line - 1]?.trim() ?? '';
    result = result.replace(named.from, () => named.to);
    mended.push({
      line,
      before,
      after: result.split('\n')[line - 1]?.trim() ?? '',
      why: {
        en: `The function is called ${named.name} and did something else.`,
        de: `Die Funktion heißt ${named.name} und tat etwas anderes.`,
        es: `La función se llama ${named.name} y hacía otra cosa.`,
      },
    });
  }
  return { code: result, mended };
};
