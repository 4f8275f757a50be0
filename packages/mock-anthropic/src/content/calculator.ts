import type { Draft, KitMaker } from './kit.ts';
import { packageJson } from './kit.ts';
import type { Objective } from './objective.ts';

const engine = (objective: Objective): Draft => ({
  path: 'src/calculator.js',
  content: `// ${objective.title}

/** The expression cannot be read; \`at\` is the position in it. */
export class ExpressionError extends Error {
  constructor(message, at) {
    super(message + ' at position ' + (at + 1));
    this.name = 'ExpressionError';
    this.at = at;
  }
}

export const operators = {
  '+': { precedence: 1, apply: (a, b) => a + b },
  '-': { precedence: 1, apply: (a, b) => a - b },
  '*': { precedence: 2, apply: (a, b) => a * b },
  '/': { precedence: 2, apply: (a, b) => divide(a, b) },
  '%': { precedence: 2, apply: (a, b) => a % b },
  '^': { precedence: 3, rightToLeft: true, apply: (a, b) => a ** b },
};

function divide(a, b) {
  if (b === 0) throw new RangeError('division by zero');
  return a / b;
}

/** Splits an expression into numbers, operators and parentheses. */
export function tokenize(expression) {
  const pattern = /\\s*(?:(\\d+(?:\\.\\d+)?)|([-+*/%^()]))/y;
  const tokens = [];
  const end = expression.trimEnd().length;
  while (pattern.lastIndex < end) {
    const at = pattern.lastIndex;
    const match = pattern.exec(expression);
    if (match === null) throw new ExpressionError('unexpected character "' + expression[at] + '"', at);
    tokens.push(match[1] === undefined ? { symbol: match[2], at } : { number: Number(match[1]), at });
  }
  return tokens;
}

/**
 * The value of an arithmetic expression with + - * / % ^, parentheses and a leading minus.
 * @param {string} expression
 * @returns {number}
 * @throws {ExpressionError} when it cannot be read
 * @throws {RangeError} when it divides by zero
 */
export function evaluate(expression) {
  const tokens = tokenize(expression);
  let next = 0;
  const peek = () => tokens[next];
  const fail = (message) => {
    throw new ExpressionError(message, peek()?.at ?? expression.length);
  };

  const operand = () => {
    const token = peek();
    if (token === undefined) fail('a number is missing');
    next += 1;
    if (token.number !== undefined) return token.number;
    if (token.symbol === '-') return -binary(3);
    if (token.symbol === '(') {
      const value = binary(1);
      if (peek()?.symbol !== ')') fail('a closing parenthesis is missing');
      next += 1;
      return value;
    }
    next -= 1;
    return fail('a number is missing');
  };

  function binary(lowest) {
    let left = operand();
    for (;;) {
      const operator = operators[peek()?.symbol];
      if (operator === undefined || operator.precedence < lowest) return left;
      next += 1;
      left = operator.apply(left, binary(operator.precedence + (operator.rightToLeft ? 0 : 1)));
    }
  }

  const value = binary(1);
  if (next < tokens.length) fail('there is something left over');
  return value;
}
`,
});

const cli: Draft = {
  path: 'src/cli.js',
  content: `import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { evaluate } from './calculator.js';

/** One line in, one line out; faults are told, not thrown. */
export function answer(line) {
  try {
    const value = evaluate(line);
    // Hides the noise of binary fractions: 0.1 + 0.2 is shown as 0.3.
    return String(Number(value.toPrecision(12)));
  } catch (error) {
    return 'Error: ' + error.message;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const expression = process.argv.slice(2).join(' ');
  if (expression !== '') {
    console.log(answer(expression));
  } else {
    console.log('Type an expression, for example (1 + 2) * 3. Ctrl-D ends.');
    const lines = createInterface({ input: process.stdin });
    for await (const line of lines) if (line.trim() !== '') console.log(answer(line));
  }
}
`,
};

const unitTest: Draft = {
  path: 'test/calculator.test.js',
  content: `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExpressionError, evaluate, tokenize } from '../src/calculator.js';

const cases = [
  ['1 + 2', 3],
  ['2 + 3 * 4', 14],
  ['(2 + 3) * 4', 20],
  ['10 - 4 - 3', 3],
  ['2 ^ 3 ^ 2', 512],
  ['-2 ^ 2', -4],
  ['-(1 + 1) * 3', -6],
  ['7 % 4', 3],
  ['1.5 / 0.5', 3],
];

for (const [expression, value] of cases) {
  test(expression + ' = ' + value, () => assert.equal(evaluate(expression), value));
}

test('splits into numbers and symbols', () => {
  assert.deepEqual(tokenize('1+(2)').map((token) => token.number ?? token.symbol), [1, '+', '(', 2, ')']);
});

test('names the place of a fault', () => {
  assert.throws(() => evaluate('1 + x'), (error) => error instanceof ExpressionError && error.at === 3);
  for (const broken of ['', '1 +', '(1', '1 2', '*3']) assert.throws(() => evaluate(broken), ExpressionError);
});

test('refuses to divide by zero', () => {
  assert.throws(() => evaluate('1 / (2 - 2)'), RangeError);
});
`,
};

const cliTest: Draft = {
  path: 'test/cli.test.js',
  content: `import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { answer } from '../src/cli.js';

test('shows decimal results without binary noise', () => assert.equal(answer('0.1 + 0.2'), '0.3'));

test('tells about faults instead of failing', () => assert.match(answer('1 / 0'), /^Error: division by zero/));

test('calculates from the command line', () => {
  const cli = fileURLToPath(new URL('../src/cli.js', import.meta.url));
  assert.equal(execFileSync(process.execPath, [cli, '6 * 7'], { encoding: 'utf8' }).trim(), '42');
});
`,
};

/** An expression calculator with a command line. */
export const calculatorKit: KitMaker = (objective) => ({
  core: {
    title: 'expression engine',
    words: /\b(engine|parser|evaluator|evaluation|arithmetic|operations?|expressions?)\b/i,
    files: [engine(objective)],
    decisions: ['Expressions are parsed by precedence climbing; eval() is never used.'],
  },
  surface: {
    title: 'command line interface',
    words: /\b(cli|command|line|terminal|input|frontend|display)\b/i,
    files: [cli, packageJson(objective, 'src/cli.js')],
    decisions: ['The command line takes an expression as arguments, or line by line from the terminal.'],
  },
  unitTests: [unitTest],
  integrationTests: [cliTest],
  contract: [
    'src/calculator.js exports evaluate(expression) -> number, tokenize, operators, ExpressionError',
    'src/cli.js exports answer(line) -> text and runs when started directly',
  ],
  commands: ['npm start -- "(1 + 2) * 3"', 'npm test'],
  features: [
    'Adds, subtracts, multiplies, divides, powers, remainders, parentheses.',
    'Faults name their position.',
  ],
});
