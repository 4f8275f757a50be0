#!/usr/bin/env node
import { parseArgs } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };

const EXIT_USAGE = 2;
const HELP = `claude-flow: swarms of Claude agents as a service

  claude-flow start      API, scheduler and worker in this process, on PORT (3000)
  claude-flow --version  the version
  claude-flow --help     this text

Variables: ANTHROPIC_API_KEY, PORT, HOST, REDIS_URL (without it: a private Redis), AUTH_ENABLED, API_KEYS, ...
`;

function refuse(message: string): void {
  process.stderr.write(`claude-flow: ${message}\nTry: claude-flow --help\n`);
  process.exitCode = EXIT_USAGE;
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' } },
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function main(): Promise<void> {
  const given = readArguments();
  if (typeof given === 'string') return refuse(given);
  const { values, positionals } = given;
  const [command, ...more] = positionals;
  if (values.help) process.stdout.write(HELP);
  else if (values.version) process.stdout.write(`${packageJson.version}\n`);
  else if (command === undefined) refuse('Say what to do.');
  else if (command !== 'start') refuse(`"${command}" is not known.`);
  else if (more.length > 0)
    refuse(`start takes no arguments, not "${more.join(' ')}": variables configure it.`);
  else {
    const { serve } = await import('./serve.ts');
    await serve();
  }
}

await main();
