import { ClaudeFlowApiError } from '../client/api-error.ts';
import { Interrupted, listenForInterrupts } from '../local/interrupts.ts';
import { variableFault } from '../local/variable-fault.ts';
import { HELP, parseDemoOptions } from './options.ts';
import { EXIT, runDemo } from './run-demo.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);

// Whoever reads our output (`| head`) may leave; then there is nobody to go on for.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.kill(process.pid, 'SIGTERM');
  else throw error;
});

async function main(): Promise<number> {
  const options = parseDemoOptions(process.argv.slice(2));
  if (options.kind === 'help') {
    process.stdout.write(HELP);
    return EXIT.ok;
  }
  const fault = options.kind === 'usage-error' ? options.message : variableFault(process.env);
  if (options.kind === 'usage-error' || fault !== undefined) {
    say(`demo: ${fault}\nTry: pnpm demo --help`);
    return EXIT.usage;
  }
  const interrupts = listenForInterrupts((code) => process.exit(code));
  const deps = { env: process.env, cwd: process.cwd(), stdout: process.stdout, say, interrupts };
  try {
    return await runDemo(deps, options);
  } catch (error) {
    if (error instanceof Interrupted) return error.exitCode;
    const code =
      error instanceof ClaudeFlowApiError && error.requestId ? ` (request ${error.requestId})` : '';
    say(`demo: ${error instanceof Error ? error.message : String(error)}${code}`);
    return EXIT.failure;
  }
}

process.exit(await main());
