#!/usr/bin/env node
import packageJson from '../../package.json' with { type: 'json' };

const HELP = `claude-flow: swarms of Claude agents as a service

  claude-flow start      API, scheduler and worker in this process, on PORT (3000)
  claude-flow --version  the version
  claude-flow --help     this text

Variables: ANTHROPIC_API_KEY, PORT, HOST, REDIS_URL (without it: a private Redis), AUTH_ENABLED, API_KEYS, ...
`;

const [command] = process.argv.slice(2);
switch (command) {
  case '--version':
  case '-v':
    process.stdout.write(`${packageJson.version}\n`);
    break;
  case '--help':
  case '-h':
    process.stdout.write(HELP);
    break;
  case 'start': {
    const { serve } = await import('./serve.ts');
    await serve();
    break;
  }
  default:
    process.stderr.write(
      `claude-flow: ${command === undefined ? 'say what to do' : `"${command}" is not known`}. Try: claude-flow --help\n`,
    );
    process.exitCode = 2;
}
