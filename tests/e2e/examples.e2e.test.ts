import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Stack, startStack } from '@claude-flow/local-stack/stack';
import { type MockAnthropic, startMockAnthropic } from '@claude-flow/mock-anthropic/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../../examples/', import.meta.url));
const KEY = `cf_${'e'.repeat(64)}`;
const LONGEST_MS = 90_000;

/** Runs an example as a reader would. */
function run(
  file: string,
  env: Record<string, string>,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = file.endsWith('.sh') ? 'bash' : process.execPath;
  const path = `${dirname(process.execPath)}:${process.env['PATH']}`;
  return new Promise((resolve) => {
    execFile(
      command,
      [`${folder}${file}`],
      { env: { PATH: path, HOME: process.env['HOME'] ?? '', ...env }, timeout: LONGEST_MS },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });
}

/** Each example, and what it says when it worked. */
const CLIENTS: Record<string, RegExp> = {
  'create-and-wait.js': /It has completed, with [1-9]\d* results\.\n {2}\S+ \(\d+ bytes\)/,
  'follow-events.js': / 1 swarm\.created[\s\S]*task\.completed task_003[\s\S]*swarm\.completed/,
  'monitor.js': /All have ended; their agents wrote [1-9]\d* characters\./,
  'swarm.sh': /Swarm swarm_\S+\n[\s\S]*completed, 100 %\n\{[\s\S]*"outputs"/,
};
const PROGRAMS: Record<string, RegExp> = {
  'headless-system.js':
    /swarm_\S+: Build a REST API[\s\S]*task_001 took \d+ ms[\s\S]*The swarm has completed\./,
  'own-coordinator.js':
    /Agents: 3\n[\s\S]*task_001: '\w{3} \w{3} \d\d \d{4}'[\s\S]*# TYPE task_milliseconds summary/,
  'own-strategy.js':
    /has completed:\n[\s\S]*Proof-reading: completed, by agent_001 \(proof-reader\)\nmicroservices, ai-training, security-audit, translations/,
};

it('every example is run', () => {
  // Without those that a reader of README makes, as its own test does.
  const readers = ['first.js', 'whole.js'];
  const files = readdirSync(folder).filter((name) => /\.(js|sh)$/.test(name) && !readers.includes(name));
  for (const name of files) {
    const [line = ''] = readFileSync(`${folder}${name}`, 'utf8').match(/^(?:\/\/|#) {3}.*/m) ?? [];
    expect(line, 'one line that runs it').toMatch(new RegExp(`(exec node|bash) examples/${name}`));
  }
  expect(files.sort()).toEqual([...Object.keys(CLIENTS), ...Object.keys(PROGRAMS)].sort());
});

describe('against a service that asks for keys', () => {
  let stack: Stack;
  beforeAll(async () => {
    const auth = { AUTH_ENABLED: 'true', API_KEYS: KEY };
    stack = await startStack({ workers: 1, model: { kind: 'mock', latencyMs: 20 }, envFor: { api: auth } });
  });
  afterAll(() => stack?.stop());

  it.each(Object.entries(CLIENTS))('%s', async (file, said) => {
    const { code, stdout, stderr } = await run(file, {
      CLAUDE_FLOW_URL: stack.apiUrls[0] ?? '',
      API_KEY: KEY,
    });
    expect([code, stderr], stdout).toEqual([0, '']);
    expect(stdout).toMatch(said);
    expect(stdout).not.toContain(KEY);
  });
});

describe('by themselves, with a private Redis', () => {
  let model: MockAnthropic;
  beforeAll(async () => {
    model = await startMockAnthropic();
  });
  afterAll(() => model?.close());

  it.each(Object.entries(PROGRAMS))('%s', async (file, said) => {
    const env = { ANTHROPIC_BASE_URL: model.url, PORT: '0', LOG_LEVEL: 'error' };
    const redis = process.env['REDIS_SERVER_PATH'];
    const { code, stdout, stderr } = await run(
      file,
      redis === undefined ? env : { ...env, REDIS_SERVER_PATH: redis },
    );
    // Ended by itself: nothing of the system was left that would have kept it.
    expect([code, stderr], stdout).toEqual([0, '']);
    expect(stdout).toMatch(said);
  });
});
