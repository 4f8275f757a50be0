import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The public interface as the sources have it: what is exported, its members, and the doc comment of each. */
export interface Documented {
  /** `ClaudeFlowClient.createSwarm`, or the name of an export. */
  name: string;
  file: string;
  comment: string | undefined;
  callable: boolean;
}

const source = fileURLToPath(new URL('../src', import.meta.url));
const NOT_MEMBERS = new Set(['if', 'for', 'while', 'switch', 'return', 'super', 'await', 'catch']);

/** The doc comment that ends right above a line. */
function commentAbove(lines: readonly string[], at: number): string | undefined {
  let above = at - 1;
  // What the linter is told may stand between.
  while (lines[above]?.trim().startsWith('// biome-ignore')) above -= 1;
  if (!lines[above]?.trim().endsWith('*/')) return undefined;
  let first = above;
  while (first > 0 && !lines[first]?.trim().startsWith('/**')) first -= 1;
  const text = lines.slice(first, above + 1).map((line) =>
    line
      .trim()
      .replace(/^\/\*\*\s?/, '')
      .replace(/\s*\*\/$/, '')
      .replace(/^\* ?/, ''),
  );
  return text.join('\n').trim();
}

function memberName(line: string, inClass: boolean): { name: string; callable: boolean } | undefined {
  const [, kind, name = '', next] =
    /^ {2}(?!private |protected )(?:override |readonly )*(async |get |set )?\*?([a-zA-Z]\w*)(\(|<|\?:|:| =|;)/.exec(
      line,
    ) ?? [];
  if (name === '' || NOT_MEMBERS.has(name)) return undefined;
  const callable = (next === '(' || next === '<') && kind !== 'get ' && kind !== 'set ';
  // Fields of plain data explain themselves, or have a comment where they do not.
  return inClass || callable ? { name, callable } : undefined;
}

/** A class, or an interface that has methods. */
function membersOf(lines: readonly string[], at: number, owner: string, file: string): Documented[] {
  const inClass = /\bclass\b/.test(lines[at] ?? '');
  const members: Documented[] = [];
  for (let i = at + 1; i < lines.length && lines[i] !== '}'; i += 1) {
    const member = memberName(lines[i] ?? '', inClass);
    if (member === undefined) continue;
    const comment = commentAbove(lines, i);
    if (comment?.includes('@internal')) continue;
    // A setter shares the comment of its getter.
    if (members.some(({ name }) => name === `${owner}.${member.name}`)) continue;
    members.push({ name: `${owner}.${member.name}`, file, comment, callable: member.callable });
  }
  return members;
}

function declarations(file: string, wanted: ReadonlySet<string> | undefined): Documented[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const short = relative(source, file);
  return lines.flatMap((line, at) => {
    const [, kind = '', name = ''] =
      /^export (?:declare |abstract |async )*(interface|type|class|function\*?|const) (\w+)/.exec(line) ?? [];
    if (name === '' || (wanted !== undefined && !wanted.has(name))) return [];
    const callable = kind === 'class' || kind.startsWith('function');
    const own = { name, file: short, comment: commentAbove(lines, at), callable };
    const body = kind === 'class' || kind === 'interface' ? membersOf(lines, at, name, short) : [];
    return [own, ...body];
  });
}

/** Everything that an entry exports; what it exports of another entry is left out. */
export function exportsOf(entry: string): Documented[] {
  const file = join(source, entry);
  const text = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  return [...text.matchAll(/export (?:type )?(\*|\{[^}]*\}) from '([^']+)'/g)].flatMap(
    ([, what = '', from = '']) => {
      const target = join(dirname(file), from);
      if (target.endsWith('index.ts')) return [];
      if (what === '*') return declarations(target, undefined);
      const names = what
        .slice(1, -1)
        .split(',')
        .map(
          (one) =>
            one
              .trim()
              .replace(/^type /, '')
              .split(' as ')[0] ?? '',
        );
      return declarations(target, new Set(names));
    },
  );
}

/** The code of the `@example` of a comment. */
export function exampleOf(comment: string | undefined): string | undefined {
  const [, code] = /@example\n([\s\S]*?)(?=\n@|$)/.exec(comment ?? '') ?? [];
  return code?.trim();
}
