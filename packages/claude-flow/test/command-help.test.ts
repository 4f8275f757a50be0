import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { runCommand } from '../src/test/run-command.ts';

const root = new URL('../../../', import.meta.url);
/** Scripts that are other people's programs. */
const NOT_OURS = /^(test|lint|boundaries|format|typecheck|ci)$/;

const ours = Object.entries(packageJson.scripts).filter(([name]) => !NOT_OURS.test(name));
const run = (script: string, ...args: string[]) => {
  const [node, entry = '', ...own] = script.split(' ');
  expect(node).toBe('node');
  return runCommand(fileURLToPath(new URL(entry, root)), [...own, ...args], { cwd: tmpdir() });
};

describe.each([...ours, ['claude-flow', 'node packages/claude-flow/src/command/main.ts']])(
  'pnpm %s',
  (name, script) => {
    it('--help says what it is for and ends with 0', { timeout: 60_000 }, async () => {
      const { output, code } = run(script, '--help');
      expect(await code, output.err).toBe(0);
      expect(output.out).toContain(name);
      expect(output.out.length).toBeGreaterThan(150);
      expect(output.err).toBe('');
    });

    it('refuses an unknown flag with exit code 2, names it and says where help is', {
      timeout: 60_000,
    }, async () => {
      const { output, code } = run(script, '--no-such-flag');
      expect(await code).toBe(2);
      expect(output.out).toBe('');
      expect(output.err).toContain('--no-such-flag');
      expect(output.err).toMatch(/Try: .+ --help/);
      expect(output.err).not.toMatch(/\n\s+at /);
    });
  },
);
