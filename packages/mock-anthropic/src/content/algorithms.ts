/** Small programs that people ask for first, in the two languages that the kits write. */
export type Algorithm = {
  pattern: RegExp;
  /** `word_count`: the function's name; JavaScript writes it `wordCount`. */
  name: string;
  does: { en: string; de: string; es: string };
  /** The arguments of a first try. */
  example: string;
  python: {
    /** Standard modules besides argparse and sys. */
    imports?: string[];
    function: string;
    /** The body of `run(arguments)`, which returns the text to print. */
    run: string;
    test: string;
  };
  /** Absent where the task belongs to files and Python alone. */
  javascript?: { function: string; run: string; test: string };
};

const ALGORITHMS: readonly Algorithm[] = [
  {
    pattern: /\bfizz ?-?buzz\b/i,
    name: 'fizz_buzz',
    does: {
      en: 'prints the numbers from 1 on, with Fizz for multiples of 3 and Buzz for multiples of 5',
      de: 'gibt die Zahlen ab 1 aus, mit Fizz für Vielfache von 3 und Buzz für Vielfache von 5',
      es: 'escribe los números desde 1, con Fizz para los múltiplos de 3 y Buzz para los de 5',
    },
    example: '15',
    python: {
      function: `def fizz_buzz(limit):
    return [("Fizz" * (n % 3 == 0) + "Buzz" * (n % 5 == 0)) or str(n) for n in range(1, limit + 1)]`,
      run: 'return "\\n".join(fizz_buzz(int(arguments[0]) if arguments else 100))',
      test: 'assert fizz_buzz(5) == ["1", "2", "Fizz", "4", "Buzz"]\n    assert fizz_buzz(15)[-1] == "FizzBuzz"',
    },
    javascript: {
      function: `export const fizzBuzz = (limit) =>
  Array.from({ length: limit }, (_, index) => {
    const n = index + 1;
    return (n % 3 === 0 ? 'Fizz' : '') + (n % 5 === 0 ? 'Buzz' : '') || String(n);
  });`,
      run: "fizzBuzz(Number(args[0] ?? 100)).join('\\n')",
      test: "assert.deepEqual(fizzBuzz(5), ['1', '2', 'Fizz', '4', 'Buzz']);\n  assert.equal(fizzBuzz(15).at(-1), 'FizzBuzz');",
    },
  },
  {
    pattern: /\bfibonacci\b/i,
    name: 'fibonacci',
    does: {
      en: 'gives the first Fibonacci numbers',
      de: 'gibt die ersten Fibonacci-Zahlen aus',
      es: 'da los primeros números de Fibonacci',
    },
    example: '10',
    python: {
      function: `def fibonacci(count):
    numbers, a, b = [], 0, 1
    for _ in range(count):
        numbers.append(a)
        a, b = b, a + b
    return numbers`,
      run: 'return " ".join(map(str, fibonacci(int(arguments[0]) if arguments else 10)))',
      test: 'assert fibonacci(7) == [0, 1, 1, 2, 3, 5, 8]\n    assert fibonacci(0) == []',
    },
    javascript: {
      function: `export function fibonacci(count) {
  const numbers = [];
  for (let [a, b] = [0n, 1n]; numbers.length < count; [a, b] = [b, a + b]) numbers.push(a);
  return numbers;
}`,
      run: "fibonacci(Number(args[0] ?? 10)).join(' ')",
      test: 'assert.deepEqual(fibonacci(7), [0n, 1n, 1n, 2n, 3n, 5n, 8n]);\n  assert.deepEqual(fibonacci(0), []);',
    },
  },
  {
    pattern: /\bprim(?:es?|e numbers?|zahl(?:en)?)\b|\bprimos?\b/i,
    name: 'primes',
    does: {
      en: 'gives the prime numbers up to a limit',
      de: 'gibt die Primzahlen bis zu einer Grenze aus',
      es: 'da los números primos hasta un límite',
    },
    example: '30',
    python: {
      function: `def primes(limit):
    found = []
    for n in range(2, limit + 1):
        if all(n % p for p in found if p * p <= n):
            found.append(n)
    return found`,
      run: 'return " ".join(map(str, primes(int(arguments[0]) if arguments else 100)))',
      test: 'assert primes(12) == [2, 3, 5, 7, 11]\n    assert primes(1) == []',
    },
    javascript: {
      function: `export function primes(limit) {
  const found = [];
  for (let n = 2; n <= limit; n += 1) {
    if (found.every((p) => p * p > n || n % p !== 0)) found.push(n);
  }
  return found;
}`,
      run: "primes(Number(args[0] ?? 100)).join(' ')",
      test: 'assert.deepEqual(primes(12), [2, 3, 5, 7, 11]);\n  assert.deepEqual(primes(1), []);',
    },
  },
  {
    pattern: /\bfactorials?\b|\bfakultät\b/i,
    name: 'factorial',
    does: {
      en: 'gives the factorial of a whole number',
      de: 'gibt die Fakultät einer ganzen Zahl aus',
      es: 'da el factorial de un número entero',
    },
    example: '5',
    python: {
      function: `def factorial(n):
    if n < 0:
        raise ValueError("a factorial needs a number that is not negative")
    result = 1
    for factor in range(2, n + 1):
        result *= factor
    return result`,
      run: 'return str(factorial(int(arguments[0]) if arguments else 5))',
      test: 'assert factorial(0) == 1\n    assert factorial(5) == 120',
    },
    javascript: {
      function: `export function factorial(n) {
  if (n < 0) throw new RangeError('a factorial needs a number that is not negative');
  let result = 1n;
  for (let factor = 2n; factor <= n; factor += 1n) result *= factor;
  return result;
}`,
      run: 'String(factorial(Number(args[0] ?? 5)))',
      test: 'assert.equal(factorial(0), 1n);\n  assert.equal(factorial(5), 120n);',
    },
  },
  {
    pattern: /\bpal[ií]ndrom\w*/i,
    name: 'is_palindrome',
    does: {
      en: 'says whether a text reads the same in both directions, whatever its case and punctuation',
      de: 'sagt, ob ein Text vorwärts wie rückwärts gleich lautet, ohne auf Großschreibung und Satzzeichen zu achten',
      es: 'dice si un texto se lee igual en los dos sentidos, sin mirar mayúsculas ni puntuación',
    },
    example: '"Never odd or even"',
    python: {
      function: `def is_palindrome(text):
    letters = [letter for letter in text.casefold() if letter.isalnum()]
    return letters == letters[::-1]`,
      run: 'return "yes" if is_palindrome(" ".join(arguments)) else "no"',
      test: 'assert is_palindrome("Never odd or even")\n    assert not is_palindrome("Python")',
    },
    javascript: {
      function: `export function isPalindrome(text) {
  const letters = [...text.toLowerCase()].filter((letter) => /[\\p{L}\\p{N}]/u.test(letter));
  return letters.join('') === letters.toReversed().join('');
}`,
      run: "isPalindrome(args.join(' ')) ? 'yes' : 'no'",
      test: "assert.ok(isPalindrome('Never odd or even'));\n  assert.ok(!isPalindrome('JavaScript'));",
    },
  },
  {
    pattern:
      /\brevers\w*\b.*\b(strings?|texts?|words?)\b|\b(zeichenkette|text)\b.*\bumdreh\w*|\binviert\w*\b.*\b(texto|cadena)\b/i,
    name: 'reverse_text',
    does: {
      en: 'turns a text around',
      de: 'dreht einen Text um',
      es: 'da la vuelta a un texto',
    },
    example: 'hello',
    python: {
      function: `def reverse_text(text):
    return text[::-1]`,
      run: 'return reverse_text(" ".join(arguments))',
      test: 'assert reverse_text("abc") == "cba"\n    assert reverse_text("") == ""',
    },
    javascript: {
      function: `const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

export const reverseText = (text) =>
  [...letters.segment(text)].map(({ segment }) => segment).toReversed().join('');`,
      run: "reverseText(args.join(' '))",
      test: "assert.equal(reverseText('abc'), 'cba');\n  assert.equal(reverseText(''), '');",
    },
  },
  {
    pattern:
      /\bcount\w*\b.*\bwords?\b|\bwords?\b.*\bcount\w*|\bwortzähl\w*|\bwörter\b.*\bzähl\w*|\bzähl\w*\b.*\bwörter\b|\bcuent\w*\b.*\bpalabras\b/i,
    name: 'word_count',
    does: {
      en: 'counts the words of a file, or of its standard input, most frequent first',
      de: 'zählt die Wörter einer Datei oder der Standardeingabe, die häufigsten zuerst',
      es: 'cuenta las palabras de un archivo o de la entrada estándar, las más frecuentes primero',
    },
    example: 'README.md',
    python: {
      imports: ['from collections import Counter', 'import re'],
      function: `def word_count(text):
    return Counter(re.findall(r"\\w+", text.casefold())).most_common()`,
      run: `text = open(arguments[0], encoding="utf-8").read() if arguments else sys.stdin.read()
    counted = word_count(text)
    lines = [f"{count:6d} {word}" for word, count in counted]
    return "\\n".join(lines + [f"{sum(count for _, count in counted):6d} words in all"])`,
      test: 'assert word_count("To be or not to be")[0] == ("to", 2)\n    assert word_count("") == []',
    },
    javascript: {
      function: `/** @returns {Array<[word: string, count: number]>} most frequent first */
export function wordCount(text) {
  const counts = new Map();
  for (const word of text.toLowerCase().match(/[\\p{L}\\p{N}_]+/gu) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1]);
}`,
      run: "wordCount(readFileSync(args[0] ?? 0, 'utf8')).map(([word, count]) => count + ' ' + word).join('\\n')",
      test: "assert.deepEqual(wordCount('To be or not to be')[0], ['to', 2]);\n  assert.deepEqual(wordCount(''), []);",
    },
  },
  {
    pattern: /\b(celsius|fahrenheit)\b/i,
    name: 'to_fahrenheit',
    does: {
      en: 'converts degrees Celsius to Fahrenheit, and back with --back',
      de: 'rechnet Grad Celsius in Fahrenheit um, mit --back zurück',
      es: 'convierte grados Celsius a Fahrenheit, y al revés con --back',
    },
    example: '20',
    python: {
      function: `def to_fahrenheit(celsius):
    return celsius * 9 / 5 + 32


def to_celsius(fahrenheit):
    return (fahrenheit - 32) * 5 / 9`,
      run: `back = "--back" in arguments
    degrees = float(next((a for a in arguments if a != "--back"), "20"))
    return f"{to_celsius(degrees):.1f} °C" if back else f"{to_fahrenheit(degrees):.1f} °F"`,
      test: 'assert to_fahrenheit(100) == 212\n    assert to_celsius(32) == 0',
    },
    javascript: {
      function: `export const toFahrenheit = (celsius) => (celsius * 9) / 5 + 32;
export const toCelsius = (fahrenheit) => ((fahrenheit - 32) * 5) / 9;`,
      run: "args.includes('--back') ? toCelsius(Number(args.find((arg) => arg !== '--back'))).toFixed(1) + ' °C' : toFahrenheit(Number(args[0] ?? 20)).toFixed(1) + ' °F'",
      test: 'assert.equal(toFahrenheit(100), 212);\n  assert.equal(toCelsius(32), 0);',
    },
  },
  {
    pattern: /\bduplicates?\b|\bdoppelte\b|\bduplicad[oa]s\b/i,
    name: 'without_duplicates',
    does: {
      en: 'prints the lines of a file, or of its standard input, each only once and in their order',
      de: 'gibt die Zeilen einer Datei oder der Standardeingabe aus, jede nur einmal und in ihrer Reihenfolge',
      es: 'escribe las líneas de un archivo o de la entrada estándar, cada una una vez y en su orden',
    },
    example: 'README.md',
    python: {
      function: `def without_duplicates(lines):
    return list(dict.fromkeys(lines))`,
      run: `text = open(arguments[0], encoding="utf-8").read() if arguments else sys.stdin.read()
    return "\\n".join(without_duplicates(text.splitlines()))`,
      test: 'assert without_duplicates(["b", "a", "b"]) == ["b", "a"]\n    assert without_duplicates([]) == []',
    },
    javascript: {
      function: 'export const withoutDuplicates = (lines) => [...new Set(lines)];',
      run: "withoutDuplicates(readFileSync(args[0] ?? 0, 'utf8').split('\\n')).join('\\n')",
      test: "assert.deepEqual(withoutDuplicates(['b', 'a', 'b']), ['b', 'a']);\n  assert.deepEqual(withoutDuplicates([]), []);",
    },
  },
  {
    pattern: /\bcsv\b/i,
    name: 'column_totals',
    does: {
      en: 'adds up the columns of a CSV file that hold only numbers',
      de: 'summiert die Spalten einer CSV-Datei, in denen nur Zahlen stehen',
      es: 'suma las columnas de un archivo CSV que solo tienen números',
    },
    example: 'data.csv',
    python: {
      imports: ['import csv', 'import io'],
      function: `def column_totals(text):
    rows = list(csv.DictReader(io.StringIO(text)))
    totals = {}
    for name in rows[0] if rows else []:
        try:
            totals[name] = sum(float(row[name]) for row in rows)
        except (TypeError, ValueError):
            continue
    return totals`,
      run: `text = open(arguments[0], encoding="utf-8", newline="").read() if arguments else sys.stdin.read()
    return "\\n".join(f"{name}: {total:g}" for name, total in column_totals(text).items())`,
      test: 'assert column_totals("name,price\\nA,1.5\\nB,2\\n") == {"price": 3.5}\n    assert column_totals("") == {}',
    },
  },
];

/** The small program that a text asks for; undefined when none of them is meant. */
export const algorithmIn = (text: string): Algorithm | undefined =>
  ALGORITHMS.find(({ pattern }) => pattern.test(text));
