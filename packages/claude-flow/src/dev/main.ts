import { Interrupted, listenForInterrupts } from '../local/interrupts.ts';
import { variableFault } from '../local/variable-fault.ts';
import { HELP, parseDevOptions } from './options.ts';
import { runDev } from './run-dev.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  const options = parseDevOptions(process.argv.slice(2));
  if (options.kind === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  // `pnpm start` is this with --no-watch, also where something else is wrong.
  const command = process.argv.includes('--no-watch') ? 'start' : 'dev';
  const fault = options.kind === 'usage-error' ? options.message : variableFault(process.env);
  if (options.kind === 'usage-error' || fault !== undefined) {
    say(`${command}: ${fault}\nTry: pnpm ${command} --help`);
    return 2;
  }
  const interrupts = listenForInterrupts((code) => process.exit(code));
  try {
    await runDev({ env: process.env, stdout: process.stdout, say, interrupts }, command);
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) return error.exitCode;
    say(`${command}: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

process.exit(await main());
