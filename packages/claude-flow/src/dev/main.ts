import { Interrupted, listenForInterrupts } from '../local/interrupts.ts';
import { modelFault } from '../local/model-choice.ts';
import { HELP, parseDevOptions } from './options.ts';
import { runDev } from './run-dev.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  const options = parseDevOptions(process.argv.slice(2), process.env);
  if (options.kind === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const fault = options.kind === 'usage-error' ? options.message : modelFault(process.env);
  if (options.kind === 'usage-error' || fault !== undefined) {
    say(`dev: ${fault}\nTry: pnpm dev --help`);
    return 2;
  }
  const interrupts = listenForInterrupts((code) => process.exit(code));
  try {
    await runDev({ env: process.env, stdout: process.stdout, say, interrupts }, options.port);
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) return error.exitCode;
    say(`dev: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

process.exit(await main());
