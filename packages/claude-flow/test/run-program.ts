import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('..', import.meta.url));
const document = readFileSync(new URL('./document-programs.md', import.meta.url), 'utf8');

/** A program of the document, as printed. */
export function printed(name: string): string {
  const [, text] = new RegExp(`\`\`\`javascript\\n(// ${name}\\n[\\s\\S]*?)\`\`\``).exec(document) ?? [];
  if (text === undefined) throw new Error(`The document has no program ${name}.`);
  return text;
}

export interface Program {
  /** Everything that it wrote so far. */
  output(): string;
  /** What it told by `tell(value)`, in order. */
  // biome-ignore lint/suspicious/noExplicitAny: programs tell of every shape
  told(): any[];
  kill(signal: NodeJS.Signals): void;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

const TELL = `globalThis.tell = (value) => console.log('TOLD ' + JSON.stringify(value));\n`;

/** Runs JavaScript in a process of its own, where `claude-flow/headless` is this package. */
export function startProgram(code: string, env: Record<string, string>): Program {
  const child = spawn(process.execPath, ['--input-type=module', '-'], {
    cwd: here,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
  }
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  child.stdin.end(TELL + code);
  return {
    output: () => text,
    told: () =>
      text
        .split('\n')
        .filter((line) => line.startsWith('TOLD '))
        .map((line) => JSON.parse(line.slice('TOLD '.length))),
    kill: (signal) => {
      child.kill(signal);
    },
    ended,
  };
}
