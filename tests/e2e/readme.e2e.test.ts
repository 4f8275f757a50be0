import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@claude-flow/local-stack/processes/free-port';
import { createTempFolder } from '@claude-flow/testing/temp-folder';
import { waitFor } from '@claude-flow/testing/wait-for';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Block {
  language: string;
  body: string;
}

/** The fenced blocks of a page, in order. */
function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', body = '']) => ({
    language,
    body,
  }));
}

/** Blocks that are not for running: a picture, and what needs a real key or is this very suite. */
const NOT_RUN: readonly RegExp[] = [
  /you ── HTTP/,
  /ANTHROPIC_API_KEY=sk-ant-\.\.\. npx/,
  /^npx -y pnpm@12 test$/m,
];
/** Commands that serve until they are ended, and what they say when they do. */
const SERVES: ReadonlyArray<[RegExp, RegExp]> = [
  [/pnpm@12 start$/, /Ctrl-C to end everything/],
  [/pnpm@12 start:mock-anthropic$/, /process\.ready/],
  [/^node apps\/\w+\/src\/main\.ts$/, /process\.ready/],
];

/**
 * `npx -y pnpm@12` as it is printed, without the registry that the real one asks first. Anything else, for example a
 * package of that name, is refused.
 */
const NPX = `#!/bin/sh
[ "$1 $2" = "-y pnpm@12" ] || { echo "npx $*: not a command that a reader can run safely" >&2; exit 99; }
shift 2
exec "$PNPM" "$@"
`;

const whole = [...blocksOf(await readFile(join(ROOT, 'README.md'), 'utf8'))];

test('every block is run, or is one of those that cannot be', () => {
  const others = whole.filter(({ language }) => language !== 'sh' && language !== 'js');
  expect(others.length).toBe(NOT_RUN.length);
  for (const { body } of others) expect(NOT_RUN.some((pattern) => pattern.test(body))).toBe(true);
});

test('no command of the docs fetches the other project of this name', async () => {
  for (const page of ['README.md', 'docs/library.md', 'docs/operations.md', 'AGENTS.md', 'SECURITY.md']) {
    const text = await readFile(join(ROOT, page), 'utf8');
    expect(text, page).not.toMatch(
      /npx (-\S+ )*claude-flow|npm (i|install|add) (-\S+ )*claude-flow(\s|@|$)|pnpm (add|dlx) claude-flow/,
    );
  }
});

test('npm install is refused with the command to use', async () => {
  const { engines } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    engines: { npm: string };
  };
  // No version of npm fits a sentence; it is printed as what is required.
  expect(engines.npm).toBe('Use pnpm in this repository: npx -y pnpm@12 install');
  expect(await readFile(join(ROOT, '.npmrc'), 'utf8')).toMatch(/^engine-strict=true$/m);
});

test('the commands and programs of README run as printed, one after the other', {
  timeout: 600_000,
}, async () => {
  await using folder = await createTempFolder('readme');
  const tools = join(folder.path, 'bin');
  await mkdir(tools);
  await writeFile(join(tools, 'npx'), NPX);
  await chmod(join(tools, 'npx'), 0o755);
  await symlink(process.execPath, join(tools, 'node'));
  // curl as the page has it fails on nothing; here an error answer ends the test.
  await writeFile(join(folder.path, '.curlrc'), 'fail-with-body\nshow-error\n');

  const api = await freePort();
  const inside = await freePort();
  const model = await freePort();
  let redisUrl = '';
  /** The page's ports are free on a reader's machine; here each test has its own. */
  const onOwnPorts = (text: string) =>
    text
      .replaceAll('localhost:3000', `127.0.0.1:${api}`)
      .replaceAll('localhost:8787', `127.0.0.1:${model}`)
      .replaceAll('PORT=3100', `PORT=${inside}`)
      .replaceAll('redis://127.0.0.1:6379', redisUrl);

  const { ANTHROPIC_API_KEY: _key, ANTHROPIC_BASE_URL: _url, REDIS_URL: _redis, ...outer } = process.env;
  const env = {
    ...outer,
    PATH: `${tools}:${process.env['PATH']}`,
    PNPM: process.env['npm_execpath'] ?? 'pnpm',
    CURL_HOME: folder.path,
    XDG_STATE_HOME: join(folder.path, 'state'),
    MOCK_LATENCY_MS: '0',
    // The examples look there for the page's localhost:3000.
    CLAUDE_FLOW_URL: `http://127.0.0.1:${api}`,
    PORT: String(api),
    MOCK_PORT: String(model),
    NO_COLOR: '1',
  };
  const running: ChildProcess[] = [];
  const made: string[] = [];
  let variables = '';

  const start = (command: string) => {
    const child = spawn('bash', ['-c', `${variables}\n${command}`], { cwd: ROOT, env, detached: true });
    running.push(child);
    const output = { text: '' };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output.text += chunk;
      });
    }
    const code = new Promise<number | null>((resolve) => child.once('close', (exit) => resolve(exit)));
    return { child, output, code };
  };
  const serve = async (command: string, ready: RegExp) => {
    // Those of our own processes take any port; `start` keeps the page's.
    const own = command.startsWith('node ') ? `PORT=0 ${command}` : command;
    const { output, child } = start(`exec env ${own}`);
    await waitFor(() => ready.test(output.text) || child.exitCode !== null, {
      deadlineMs: 90_000,
      what: command,
    });
    expect(output.text, command).toMatch(ready);
    redisUrl = /REDIS_URL=(redis:\S+)/.exec(output.text)?.[1] ?? redisUrl;
  };
  const shell = async (script: string) => {
    // What a reader's shell keeps from block to block: variables and functions.
    const after = join(folder.path, 'variables');
    const { output, code } = start(
      `set -eo pipefail\n${script}\n{ declare -p ID KEY REDIS_URL ANTHROPIC_BASE_URL 2>/dev/null || true; } > ${after}`,
    );
    expect(await code, `${script}\n${output.text}`).toBe(0);
    variables = await readFile(after, 'utf8');
    return output.text;
  };

  const said: string[] = [];
  try {
    for (const { language, body } of whole) {
      if (language === 'js') {
        const [, file = ''] = /^\/\/ (examples\/\S+\.js)\n/.exec(body) ?? [];
        expect(file, 'a program says in its first line where it is saved').not.toBe('');
        made.push(file);
        await writeFile(join(ROOT, file), onOwnPorts(body), { flag: 'wx' });
      } else if (language === 'sh') {
        let script = '';
        for (const line of onOwnPorts(body).split('\n')) {
          const serves = SERVES.find(([pattern]) => pattern.test(line));
          if (serves === undefined) script += `${line}\n`;
          else {
            if (script.trim() !== '') said.push(await shell(script));
            script = '';
            await serve(line, serves[1]);
          }
        }
        if (script.trim() !== '') said.push(await shell(script));
      }
    }
  } finally {
    for (const child of running) {
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    }
    for (const file of made) await rm(join(ROOT, file), { force: true });
    for (const id of said.join('\n').matchAll(/\.\/artifacts\/(swarm_\w+)/g))
      await rm(join(ROOT, 'artifacts', id[1] ?? ''), { recursive: true, force: true });
  }
  const all = said.join('\n');
  expect(all).toContain('word_count.py');
  expect(all).toContain('src/server.js');
  expect(all).toMatch(/"status":"approved"/);
  expect(all).toMatch(/swarm\.completed/);
  expect(all).toContain('"owner":"team-a"');
});
