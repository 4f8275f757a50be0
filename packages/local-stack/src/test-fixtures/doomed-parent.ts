import { spawn } from 'node:child_process';
import { collectLines } from '../processes/output-lines.ts';
import { fixture } from './fixture.ts';

export interface DoomedParent {
  /** What it says about its children. */
  said: { pids: number[]; folder?: string };
  /** Kills it with SIGKILL and waits for its end. */
  kill(): Promise<void>;
}

/** Runs a `parent-of-…` program as a process of its own, to see what is left when it is killed. */
export async function startDoomedParent(
  name: string,
  env: Record<string, string> = {},
): Promise<DoomedParent> {
  const child = spawn(process.execPath, [fixture(name)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collectLines(child);
  const said = await new Promise<DoomedParent['said']>((resolve, reject) => {
    output.listen(({ text }) => text.startsWith('{"pids"') && resolve(JSON.parse(text)));
    child.once('exit', () =>
      reject(
        new Error(
          output
            .all()
            .map(({ text }) => text)
            .join('\n'),
        ),
      ),
    );
  });
  return {
    said,
    kill: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
  };
}
